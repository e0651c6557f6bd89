//! What styles of a Word document do to its text (ECMA-376 part 1, 17.7): hide it, make it white or tiny,
//! put a background behind it.

use std::collections::BTreeMap;

use super::xml::{Node, Nodes, Tag, text};
use super::{Package, Parts, opened};
use crate::base::{Cx, LimitHit, Stage};

/// Half-points up to which text is too small to read (2 points).
pub(super) const TINY: u32 = 4;

/// Styles that one may be based on, one after the other.
const DEEPEST: usize = 16;

/// Styles that are kept of one document.
const MAX_STYLES: usize = 16_384;

/// What is said of the look of a text; `None` where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) vanish: Option<bool>,
    pub(super) white: Option<bool>,
    pub(super) tiny: Option<bool>,
    pub(super) shaded: Option<bool>,
}

impl Look {
    /// Takes a property of a run.
    pub(super) fn take(&mut self, tag: &Tag<'_>) {
        match tag.local() {
            "vanish" | "specVanish" => self.vanish = Some(tag.flag("val").unwrap_or(true)),
            "color" => {
                self.white = Some(tag.attr("val").is_some_and(|value| value.eq_ignore_ascii_case("ffffff")));
            }
            "sz" => self.tiny = Some(tag.number::<u32>("val").is_some_and(|size| size <= TINY)),
            "highlight" => {
                self.shaded = Some(tag.attr("val").is_some_and(|value| !matches!(&*value, "none" | "white")));
            }
            _ => {}
        }
    }

    /// What this one says, and where it says nothing, the other.
    fn over(self, under: Look) -> Look {
        Look {
            vanish: self.vanish.or(under.vanish),
            white: self.white.or(under.white),
            tiny: self.tiny.or(under.tiny),
            shaded: self.shaded.or(under.shaded),
        }
    }
}

#[derive(Debug, Default)]
struct Style {
    look: Look,
    based_on: Option<String>,
}

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Looks {
    styles: BTreeMap<String, Style>,
    defaults: Look,
    /// The style of paragraphs that name none.
    paragraphs: Option<String>,
}

impl Looks {
    /// The look of a style, with those that it is based on.
    pub(super) fn of(&self, style: &str) -> Look {
        let mut look = Look::default();
        let mut next = self.styles.get(style);
        for _ in 0..DEEPEST {
            let Some(style) = next else { break };
            look = look.over(style.look);
            next = style.based_on.as_ref().and_then(|name| self.styles.get(name));
        }
        look
    }

    /// The look of paragraphs of a style, or of those that name none.
    pub(super) fn of_paragraphs(&self, style: Option<&str>) -> Look {
        let style = style.or(self.paragraphs.as_deref());
        style.map_or(Look::default(), |style| self.of(style)).over(self.defaults)
    }

    /// Reads the styles part.
    pub(super) fn read<'i>(
        &mut self,
        package: &mut Package,
        source: &dyn Parts<'i>,
        index: u32,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let bytes = opened(package, source, index, cx)?;
        let cx = &mut cx.for_part(package.id(index), Stage::Word);
        let text = text(bytes.as_slice(), cx)?;
        let mut nodes = Nodes::new(&text);
        let mut open: Option<(String, Style)> = None;
        let (mut in_run, mut in_defaults) = (false, false);
        while let Some(node) = nodes.next(cx)? {
            match node {
                Node::Start(tag) => match tag.local() {
                    "docDefaults" => in_defaults = true,
                    "rPr" => in_run = true,
                    "style" => {
                        let id = tag.attr("styleId").unwrap_or_default().into_owned();
                        cx.budget.hold(size_of::<Style>().saturating_add(id.len()).saturating_mul(2))?;
                        let is_paragraph = tag.attr("type").is_some_and(|kind| kind == "paragraph");
                        if is_paragraph && tag.flag("default").unwrap_or(false) {
                            self.paragraphs = Some(id.clone());
                        }
                        open = Some((id, Style::default()));
                    }
                    "basedOn" => {
                        if let Some((_, style)) = &mut open {
                            style.based_on = tag.attr("val").map(|name| name.into_owned());
                        }
                    }
                    // Of a table style any part that has a background counts for all of it.
                    "shd" => {
                        let fill = tag.attr("fill").unwrap_or_default();
                        let fills = !matches!(&*fill, "auto" | "") && !fill.eq_ignore_ascii_case("ffffff");
                        if let Some((_, style)) = &mut open {
                            style.look.shaded = Some(fills || style.look.shaded == Some(true));
                        }
                    }
                    _ if in_run && in_defaults => self.defaults.take(&tag),
                    _ if in_run => {
                        if let Some((_, style)) = &mut open {
                            style.look.take(&tag);
                        }
                    }
                    _ => {}
                },
                Node::End(tag) => match tag.local() {
                    "docDefaults" => in_defaults = false,
                    "rPr" => in_run = false,
                    "style" => {
                        if let Some((id, style)) = open.take().filter(|_| self.styles.len() < MAX_STYLES) {
                            self.styles.insert(id, style);
                        }
                    }
                    _ => {}
                },
                Node::Text(_) => {}
            }
        }
        if nodes.has_doctype {
            let id = package.id(index);
            package.doctypes.push(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_say_what_those_say_that_they_are_based_on() {
        let style =
            |look: Look, based_on: Option<&str>| Style { look, based_on: based_on.map(str::to_owned) };
        let hides = Look { vanish: Some(true), ..Look::default() };
        let shows = Look { vanish: Some(false), white: Some(true), ..Look::default() };
        let styles = BTreeMap::from([
            ("a".to_owned(), style(hides, None)),
            ("b".to_owned(), style(Look::default(), Some("a"))),
            ("c".to_owned(), style(shows, Some("b"))),
            // Based on itself: the walk ends.
            ("d".to_owned(), style(Look { tiny: Some(true), ..Look::default() }, Some("d"))),
        ]);
        let looks = Looks { styles, defaults: Look::default(), paragraphs: Some("b".to_owned()) };
        assert_eq!(looks.of("b"), hides);
        assert_eq!(looks.of_paragraphs(None), hides);
        assert_eq!(looks.of_paragraphs(Some("c")), shows);
        assert_eq!(looks.of("c"), shows);
        assert_eq!(looks.of("d").tiny, Some(true));
        assert_eq!(looks.of("unknown"), Look::default());
    }
}
