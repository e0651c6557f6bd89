//! Relationships of a part of a flat package: what leads out of it.
//!
//! Layout: [ECMA-376] part 2, 9.3. Only `TargetMode="External"` leads out; the last word of the type says what
//! it is for.

use super::xml::{Node, Xml};
use crate::base::{Cx, LimitHit};
use crate::documents::coded::Coded;
use crate::documents::link::{Link, LinkKind};

/// Reads the external relationships into `links`.
///
/// # Errors
/// [`LimitHit`] when the steps or memory do not last.
pub fn read(coded: &Coded<'_>, links: &mut Vec<Link>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut xml = Xml::new(&coded.text);
    while let Some(node) = xml.next(coded.offset.unwrap_or(0), cx)? {
        let Node::Start(element) = node else { continue };
        let external =
            element.attribute("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("External"));
        if element.name() != "Relationship" || !external {
            continue;
        }
        let target = element.attribute("Target").unwrap_or_default();
        let kind = element.attribute("Type").unwrap_or_default();
        let (kind, automatic) = match kind.rsplit('/').next().unwrap_or_default() {
            "hyperlink" => (LinkKind::Hyperlink, false),
            "attachedTemplate" => (LinkKind::AttachedTemplate, true),
            "oleObject" | "package" => (LinkKind::OleObject, true),
            "frame" => (LinkKind::Frame, true),
            "subDocument" => (LinkKind::SubDocument, true),
            "image" => (LinkKind::Image, true),
            "audio" | "video" | "media" => (LinkKind::Media, true),
            "aFChunk" => (LinkKind::AltChunk, true),
            _ => (LinkKind::Other, true),
        };
        cx.budget.hold(target.len().saturating_add(size_of::<Link>()))?;
        let location = coded.location(element.range.clone(), cx);
        links.push(Link { kind, target, automatic, location });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    #[test]
    fn only_external_targets_lead_out() {
        let text = "<Relationships><Relationship Type=\"http://x/attachedTemplate\" Target=\"http://one.invalid/a\" \
                    TargetMode=\"External\"/><Relationship Type=\"http://x/image\" Target=\"a.png\"/></Relationships>";
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Package, budget: &mut budget, problems: &mut problems };
        let coded = Coded::new(text.as_bytes(), None, &mut cx).unwrap();
        let mut links = Vec::new();
        read(&coded, &mut links, &mut cx).unwrap();
        let found: Vec<_> =
            links.iter().map(|link| (link.kind, link.target.as_str(), link.automatic)).collect();
        assert_eq!(found, [(LinkKind::AttachedTemplate, "http://one.invalid/a", true)]);
    }
}
