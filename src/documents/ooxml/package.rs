//! The package: parts, content types, relationships (ECMA-376 part 2).
//!
//! What a part is, its content type says, and what it is for, the relationship that leads to it; names
//! and folders say nothing. Names are compared as Office does: without regard to letter case, with
//! either slash, `%41` for `A`, and `.` and `..` taken away.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::xml::{Node, Nodes, text};
use crate::base::{Bytes, Cx, LimitHit, PartId, Stage};

/// Gives the parts of a package: an archive, or one file of XML that holds them all.
pub trait Parts<'i> {
    /// The content of a part; empty when it cannot be had, which is told.
    ///
    /// # Errors
    /// [`LimitHit`] when the budget does not last.
    fn open(&self, index: u32, cx: &mut Cx<'_>) -> Result<Bytes<'i>, LimitHit>;
}

/// A part of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePart {
    /// Its name as the container has it.
    pub name: String,
    /// The part that stands for it in the report.
    pub id: PartId,
    /// Its content type, in lower case and without parameters.
    pub content_type: String,
    /// Whether a reader took it.
    pub taken: bool,
}

/// A relationship of the package or of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// Identifier within its source.
    pub id: String,
    /// The last word of its type: `worksheet`, `attachedTemplate`.
    pub kind: String,
    /// Its target as stored.
    pub target: String,
    /// Whether it leads out of the package.
    pub external: bool,
    /// The part that it leads to.
    pub part: Option<u32>,
    /// The part of the relationships file, and where in it the relationship stands.
    pub stands: (PartId, u64),
}

/// A package: its parts and what relates them.
#[derive(Debug, Clone, Default)]
pub struct Package {
    parts: Vec<PackagePart>,
    by_name: BTreeMap<String, u32>,
    /// Relationships of the package itself under `None`, of parts under their index.
    relationships: BTreeMap<Option<u32>, Vec<Relationship>>,
    /// Parts with a document type, which Office refuses.
    pub doctypes: Vec<PartId>,
}

/// The name of the part that holds the content types.
const CONTENT_TYPES: &str = "[content_types].xml";

/// Relationships that are kept of one package.
const MAX_RELATIONSHIPS: usize = 65_536;

/// Whether parts of these names are a package: it has content types, or relationships at its root.
pub fn is_package<'n>(names: impl IntoIterator<Item = &'n str>) -> bool {
    names.into_iter().any(|name| {
        let name = name.trim_start_matches(['/', '\\']);
        name.eq_ignore_ascii_case(CONTENT_TYPES)
            || name.replace('\\', "/").eq_ignore_ascii_case("_rels/.rels")
    })
}

impl Package {
    /// Reads the content types and all relationships of the parts given: name and identifier.
    ///
    /// # Errors
    /// [`LimitHit`] when the budget does not last.
    pub fn read<'i>(
        parts: Vec<(String, PartId)>,
        source: &dyn Parts<'i>,
        into: &mut Package,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        for (name, id) in parts {
            into.add(name, id, String::new(), cx)?;
        }
        into.content_types(source, cx)?;
        into.all_relationships_of(source, cx)
    }

    /// Reads all relationships of the parts given: name, identifier and content type, as a package that is
    /// one file of XML lists them.
    ///
    /// # Errors
    /// [`LimitHit`] when the budget does not last.
    pub fn read_flat<'i>(
        parts: Vec<(String, PartId, String)>,
        source: &dyn Parts<'i>,
        into: &mut Package,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        for (name, id, content_type) in parts {
            into.add(name, id, bare_type(&content_type), cx)?;
        }
        into.all_relationships_of(source, cx)
    }

    fn add(
        &mut self,
        name: String,
        id: PartId,
        content_type: String,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        cx.budget.touch(name.len().saturating_add(64))?;
        let names = name.len().saturating_mul(2).saturating_add(content_type.len());
        cx.budget.hold(size_of::<PackagePart>().saturating_add(names).saturating_add(64))?;
        let index = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        // Of two parts of one name the first is the one that relationships mean.
        self.by_name.entry(normal(&name)).or_insert(index);
        self.parts.push(PackagePart { name, id, content_type, taken: false });
        Ok(())
    }

    fn all_relationships_of<'i>(&mut self, source: &dyn Parts<'i>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut found = Vec::new();
        for (index, part) in (0_u32..).zip(&self.parts) {
            let name = normal(&part.name);
            let is_rels = name.ends_with(".rels") && (name.starts_with("_rels/") || name.contains("/_rels/"));
            if is_rels {
                found.push((index, name));
            }
        }
        for (index, name) in found {
            let Some((folder, file)) = name.rsplit_once("_rels/") else { continue };
            let of = file.strip_suffix(".rels").unwrap_or(file);
            let source_name = format!("{folder}{of}");
            let owner = if source_name.is_empty() { None } else { self.by_name.get(&source_name).copied() };
            if owner.is_none() && !source_name.is_empty() {
                // Relationships of a part that is not there lead nowhere in Office.
                continue;
            }
            self.relationships_of(owner, folder, index, source, cx)?;
        }
        Ok(())
    }

    fn content_types<'i>(&mut self, source: &dyn Parts<'i>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut defaults: BTreeMap<String, String> = BTreeMap::new();
        let mut overrides: BTreeMap<String, String> = BTreeMap::new();
        if let Some(index) = self.by_name.get(CONTENT_TYPES).copied() {
            self.take(index);
            let part = self.id(index);
            let bytes = source.open(index, &mut cx.for_part(part, Stage::Archive))?;
            let cx = &mut cx.for_part(part, Stage::Package);
            let text = text(bytes.as_slice(), cx)?;
            let mut nodes = Nodes::new(&text);
            while let Some(node) = nodes.next(cx)? {
                let Node::Start(tag) = node else { continue };
                let kind = tag.attr("ContentType").map(|kind| bare_type(&kind));
                let Some(kind) = kind else { continue };
                cx.budget.hold(kind.len().saturating_add(128))?;
                if let Some(extension) = tag.attr("Extension") {
                    defaults.insert(extension.to_lowercase(), kind);
                } else if let Some(name) = tag.attr("PartName") {
                    overrides.insert(normal(&name), kind);
                }
            }
            if nodes.has_doctype {
                self.doctypes.push(part);
            }
        }
        for part in &mut self.parts {
            let name = normal(&part.name);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            let kind = overrides.get(&name).or_else(|| defaults.get(extension));
            if let Some(kind) = kind {
                cx.budget.hold(kind.len())?;
                part.content_type.clone_from(kind);
            }
        }
        Ok(())
    }

    fn relationships_of<'i>(
        &mut self,
        owner: Option<u32>,
        folder: &str,
        index: u32,
        source: &dyn Parts<'i>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        self.take(index);
        let part = self.id(index);
        let bytes = source.open(index, &mut cx.for_part(part, Stage::Archive))?;
        let cx = &mut cx.for_part(part, Stage::Package);
        let text = text(bytes.as_slice(), cx)?;
        let mut nodes = Nodes::new(&text);
        let mut found = Vec::new();
        while let Some(node) = nodes.next(cx)? {
            let Node::Start(tag) = node else { continue };
            if tag.local() != "Relationship" {
                continue;
            }
            let target = tag.attr("Target").unwrap_or_default().into_owned();
            let kind = tag.attr("Type").unwrap_or_default();
            let kind = kind.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            let external = tag.attr("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("External"));
            cx.budget.hold(size_of::<Relationship>().saturating_add(target.len()).saturating_add(96))?;
            let to = if external { None } else { self.find(folder, &target) };
            found.push(Relationship {
                id: tag.attr("Id").unwrap_or_default().into_owned(),
                kind,
                target,
                external,
                part: to,
                stands: (part, tag.at.min(bytes.as_slice().len() as u64)),
            });
            if found.len() >= MAX_RELATIONSHIPS {
                cx.abandoned(tag.at..tag.at, "more relationships than are read");
                break;
            }
        }
        if nodes.has_doctype {
            self.doctypes.push(part);
        }
        self.relationships.entry(owner).or_default().append(&mut found);
        Ok(())
    }

    /// The part that a target means, seen from a folder.
    fn find(&self, folder: &str, target: &str) -> Option<u32> {
        let target = target.split(['#', '?']).next().unwrap_or_default();
        let name = if target.starts_with(['/', '\\']) {
            normal(target)
        } else {
            normal(&format!("{folder}{target}"))
        };
        self.by_name.get(&name).copied()
    }

    /// The parts in the order of the container.
    pub fn parts(&self) -> &[PackagePart] {
        &self.parts
    }

    /// A part by its place.
    pub fn part(&self, index: u32) -> Option<&PackagePart> {
        self.parts.get(index as usize)
    }

    /// The identifier of a part.
    pub fn id(&self, index: u32) -> PartId {
        self.part(index).map_or(PartId(0), |part| part.id)
    }

    /// The content type of a part.
    pub fn content_type(&self, index: u32) -> &str {
        self.part(index).map_or("", |part| part.content_type.as_str())
    }

    /// Marks a part as read.
    pub fn take(&mut self, index: u32) {
        if let Some(part) = self.parts.get_mut(index as usize) {
            part.taken = true;
        }
    }

    /// Relationships of a part, or of the package.
    pub fn relationships(&self, of: Option<u32>) -> &[Relationship] {
        self.relationships.get(&of).map_or(&[], Vec::as_slice)
    }

    /// All relationships with their source.
    pub fn all_relationships(&self) -> impl Iterator<Item = (Option<u32>, &Relationship)> {
        self.relationships.iter().flat_map(|(of, list)| list.iter().map(move |one| (*of, one)))
    }

    /// A relationship of a part by its identifier.
    pub fn by_id(&self, of: u32, id: &str) -> Option<&Relationship> {
        self.relationships(Some(of)).iter().find(|one| one.id == id)
    }

    /// Parts that a part leads to by relationships of a kind.
    pub fn targets<'p>(&'p self, of: Option<u32>, kind: &'p str) -> impl Iterator<Item = u32> + 'p {
        self.relationships(of)
            .iter()
            .filter(move |one| one.kind.eq_ignore_ascii_case(kind))
            .filter_map(|one| one.part)
    }

    /// The main part: what the package is about.
    pub fn main(&self) -> Option<u32> {
        self.targets(None, "officeDocument").next()
    }
}

/// A content type in lower case, without what stands behind a semicolon.
fn bare_type(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A part name as it is compared: lower case, `/` between, no slash in front.
pub fn normal(name: &str) -> String {
    let decoded = percent_decoded(name);
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    segments.join("/").to_lowercase()
}

/// Undoes percent-encoding where two hex digits follow; what is no UTF-8 then is replaced.
pub fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = digits
            .and_then(|digits| str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(code) => {
                bytes.push(code);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_office_does() {
        for name in ["/xl/Workbook.xml", "xl\\workbook.XML", "xl/./a/../workbook.xml", "/%78l/workbook.xml"] {
            assert_eq!(normal(name), "xl/workbook.xml");
        }
        assert_eq!(percent_decoded("a%zz%4"), "a%zz%4");
    }

    #[test]
    fn package_is_told_by_content_types_or_root_relationships() {
        assert!(is_package(["a.txt", "[Content_Types].xml"]));
        assert!(is_package(["_rels\\.rels"]));
        assert!(!is_package(["a/_rels/.rels", "Content_Types.xml"]));
    }
}
