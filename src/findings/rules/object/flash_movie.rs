use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A Flash movie in a control, an object or a part of a document, told by its content. What the movie does is not
    /// read.
    ///
    /// ## Why it matters
    /// Its player had many flaws that a movie in a document met by being opened (CVE-2018-4878, CVE-2018-15982).
    ///
    /// ## When it is innocent
    /// Presentations from before 2017 show animations and charts by Flash. No player is left that would run them.
    ///
    /// ## References
    /// CVE-2018-4878, CVE-2018-15982; ATT&CK T1203
    FLASH_MOVIE {
        id: "OBJ017", name: "flash-movie", severity: Medium, confidence: Certain,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let is_movie = |kind| kind == PartKind::File(FileKind::Flash);
    let movies = facts.parts.iter().filter(|part| part.parent.is_some() && is_movie(part.kind));
    for movie in movies {
        let message = format!("a Flash movie of {} bytes is in the document", movie.size);
        sink.report(&FLASH_MOVIE, message, [Evidence::new(Location::part(movie.id), movie.name.as_str())]);
    }
}
