//! The reader of binary Word documents on any bytes.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Stage};
use docsift::documents::doc::{self, TableStream, WordFile, WordStreams};

/// Parts of the stream `WordDocument`, of the table and of the stream `Data`.
const WORD: PartId = PartId(7);
const TABLE: PartId = PartId(8);
const DATA: PartId = PartId(9);

fn read(word: &[u8], table: &[u8]) -> String {
    let mut limits = Limits::default();
    limits.steps = 400_000;
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let mut cx = Cx { part: WORD, stage: Stage::Word, budget: &mut budget, problems: &mut problems };
    let mut file = WordFile::default();
    let table_stream = TableStream { bytes: table, part: TABLE };
    let data = Some(TableStream { bytes: table, part: DATA });
    let streams = WordStreams { document: word, tables: [Some(table_stream), Some(table_stream)], data };
    let ended = doc::read(streams, &mut file, &mut cx);
    let inside = |location: &Location| match (location.part, &location.place) {
        (WORD, Some(Place::Bytes { start, end })) => start <= end && *end <= word.len() as u64,
        (TABLE | DATA, Some(Place::Bytes { start, end })) => start <= end && *end <= table.len() as u64,
        (part, place) => matches!(part, WORD | TABLE | DATA) && place.is_none(),
    };
    for text in &file.document.texts {
        assert!(inside(&text.location), "{:?}", text.location);
    }
    let fields = file.document.fields.iter().map(|field| &field.location);
    for location in fields.chain(file.links.iter().map(|link| &link.location)) {
        assert!(inside(location), "{location:?}");
    }
    for (pictures, bytes) in [(&file.pictures, word), (&file.data_pictures, table)] {
        let mut runs = pictures.iter().flat_map(|picture| &picture.runs);
        assert!(runs.all(|run| run.start <= run.end && run.end <= bytes.len() as u64), "{pictures:?}");
    }
    for code in &file.macros {
        assert!(code.bytes.start <= code.bytes.end && code.bytes.end <= word.len() as u64);
        let lines = code.source.lines().count() as u32;
        assert!(code.commands.iter().all(|(_, line)| (1..=lines).contains(line)), "{code:?}");
    }
    if file.is_encrypted {
        assert!(file.document.texts.is_empty() && file.links.is_empty() && file.macros.is_empty());
    }
    format!("{ended:?} {:?} {file:?}", problems.list())
}

/// No panic, every place inside its stream, the same result twice, nothing out of ciphertext. The first
/// half is the stream `WordDocument` and the second the table; a whole compound file is both.
pub fn doc(data: &[u8]) {
    let (word, table) = data.split_at(data.len() / 2);
    assert_eq!(read(word, table), read(word, table));
    assert_eq!(read(data, data), read(data, data));
}
