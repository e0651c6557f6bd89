//! Styles of a workbook: fonts, fills, number formats, cell formats (ECMA-376 part 1, 18.8).

use super::xml::{Node, Nodes, Tag, text};
use super::{Package, Parts, opened};
use crate::base::{Cx, LimitHit, Stage};
use crate::documents::workbook::{Font, Format, Workbook, reserve_a_quarter_more};

/// Colours of the theme that Office comes with, by index. A document with another theme may differ;
/// the first two, which hide text, are the same in nearly all.
const THEME: [[u8; 3]; 12] = [
    [255, 255, 255],
    [0, 0, 0],
    [231, 230, 230],
    [68, 84, 106],
    [91, 155, 213],
    [237, 125, 49],
    [165, 165, 165],
    [255, 192, 0],
    [68, 114, 196],
    [112, 173, 71],
    [5, 99, 193],
    [149, 79, 114],
];

/// The colour index that stands for the window's text.
const AUTOMATIC: u16 = 0x7FFF;

/// Colours as the model numbers them: those that are not built in get an index of their own.
#[derive(Debug, Default)]
pub(in crate::documents) struct Colours {
    /// Colours by index from [`Colours::FIRST`].
    own: Vec<[u8; 3]>,
}

impl Colours {
    /// The built-in colours that fonts and fills of old workbooks use end here.
    const BUILT_IN: u16 = 64;
    /// Room of the palette: indexes 8 to 63.
    const MOST: usize = 56;

    /// The index of a colour in red, green and blue.
    pub(in crate::documents) fn index(&mut self, rgb: [u8; 3]) -> u16 {
        match rgb {
            [0, 0, 0] => 8,
            [255, 255, 255] => 9,
            // Only white, black and what is nearly so hide text; the rest is told apart as far as
            // the palette goes.
            _ => {
                let known = self.own.iter().position(|own| *own == rgb);
                let place = known.or_else(|| {
                    (self.own.len() < Self::MOST.saturating_sub(2)).then(|| {
                        self.own.push(rgb);
                        self.own.len().saturating_sub(1)
                    })
                });
                let place = place.and_then(|place| u16::try_from(place).ok());
                place.map_or(Self::BUILT_IN.saturating_mul(2), |place| place.saturating_add(10))
            }
        }
    }

    /// The palette that makes the indexes given out right.
    pub(in crate::documents) fn into_palette(self) -> Vec<[u8; 3]> {
        let mut palette = vec![[0, 0, 0], [255, 255, 255]];
        palette.extend(self.own);
        palette
    }

    /// The colour of the theme at `index`, made lighter (`tint` above 0) or darker.
    pub(in crate::documents) fn theme(&mut self, index: usize, tint: f64) -> u16 {
        let rgb = THEME.get(index).copied().unwrap_or([128, 128, 128]);
        if tint == 0.0 {
            return self.index(rgb);
        }
        let tint = tint.clamp(-1.0, 1.0);
        self.index(rgb.map(|part| tinted(part, tint)))
    }
}

/// One channel, moved towards white or black.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn tinted(part: u8, tint: f64) -> u8 {
    let part = f64::from(part);
    let moved = if tint > 0.0 { part + (255.0 - part) * tint } else { part * (1.0 + tint) };
    // Clamped to the range of the type before.
    moved.clamp(0.0, 255.0).round() as u8
}

/// The colour that an element of `CT_Color` states.
fn colour(tag: &Tag<'_>, colours: &mut Colours) -> Option<u16> {
    if let Some(rgb) = tag.attr("rgb") {
        let rgb = rgb.trim();
        let rgb = rgb.get(rgb.len().checked_sub(6)?..)?;
        let value = u32::from_str_radix(rgb, 16).ok()?;
        let [_, red, green, blue] = value.to_be_bytes();
        return Some(colours.index([red, green, blue]));
    }
    if let Some(index) = tag.number::<usize>("theme") {
        return Some(colours.theme(index, tag.number("tint").unwrap_or(0.0)));
    }
    if let Some(index) = tag.number::<u16>("indexed") {
        return Some(index);
    }
    tag.flag("auto").filter(|auto| *auto).map(|_| AUTOMATIC)
}

#[derive(Debug, Clone, Copy, Default)]
struct Fill {
    pattern: u8,
    foreground: Option<u16>,
    background: Option<u16>,
}

/// Which list the reader is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Fonts,
    Fills,
    CellFormats,
    Other,
}

/// Reads the styles part.
pub(super) fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Package);
    let text = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&text);
    let mut colours = Colours::default();
    let mut fills: Vec<Fill> = Vec::new();
    let mut part = Part::None;
    while let Some(node) = nodes.next(cx)? {
        let tag = match node {
            Node::Start(tag) => tag,
            Node::End(tag) => {
                if matches!(tag.local(), "fonts" | "fills" | "cellXfs" | "cellStyleXfs" | "dxfs") {
                    part = Part::None;
                }
                continue;
            }
            Node::Text(_) => continue,
        };
        match (part, tag.local()) {
            (Part::None, "fonts") => part = Part::Fonts,
            (Part::None, "fills") => part = Part::Fills,
            (Part::None, "cellXfs") => part = Part::CellFormats,
            (Part::None, "cellStyleXfs" | "dxfs") => part = Part::Other,
            (Part::None, "numFmt") => {
                if let (Some(id), Some(code)) = (tag.number("numFmtId"), tag.attr("formatCode")) {
                    cx.budget.hold(code.len().saturating_add(16))?;
                    if let Some(code) = book.texts.push(&code) {
                        book.number_formats.push((id, code));
                    }
                }
            }
            (Part::Fonts, "font") => {
                cx.budget.hold(size_of::<Font>())?;
                // The list of old workbooks leaves out index 4; this one has it, so that it is put in
                // twice where the model would skip it.
                reserve_a_quarter_more(&mut book.fonts);
                book.fonts.push(Font { height: 220, colour: AUTOMATIC, weight: 400, ..Font::default() });
            }
            (Part::Fonts, local) => {
                let Some(font) = book.fonts.last_mut() else { continue };
                match local {
                    "sz" => font.height = tag.number::<f64>("val").map_or(font.height, twips),
                    "color" => font.colour = colour(&tag, &mut colours).unwrap_or(AUTOMATIC),
                    "b" if tag.flag("val").unwrap_or(true) => font.weight = 700,
                    "name" => {
                        if let Some(name) = tag.attr("val") {
                            cx.budget.hold(name.len())?;
                            font.name = book.texts.push(&name);
                        }
                    }
                    _ => {}
                }
            }
            (Part::Fills, "fill") => {
                cx.budget.hold(size_of::<Fill>())?;
                fills.push(Fill::default());
            }
            (Part::Fills, local) => {
                let Some(fill) = fills.last_mut() else { continue };
                match local {
                    "patternFill" => {
                        fill.pattern = match tag.attr("patternType").as_deref() {
                            None | Some("none") => 0,
                            Some("solid") => 1,
                            Some(_) => 2,
                        };
                    }
                    "gradientFill" => fill.pattern = 2,
                    "fgColor" => fill.foreground = colour(&tag, &mut colours),
                    "bgColor" => fill.background = colour(&tag, &mut colours),
                    _ => {}
                }
            }
            (Part::CellFormats, "xf") => {
                cx.budget.hold(size_of::<Format>())?;
                let fill = tag.number::<usize>("fillId").and_then(|index| fills.get(index)).copied();
                let fill = fill.unwrap_or_default();
                reserve_a_quarter_more(&mut book.formats);
                book.formats.push(Format {
                    font: font_index(tag.number("fontId").unwrap_or(0)),
                    number_format: tag.number("numFmtId").unwrap_or(0),
                    fill: fill.pattern,
                    fill_foreground: fill.foreground.unwrap_or(64),
                    fill_background: fill.background.unwrap_or(65),
                    ..Format::default()
                });
            }
            (Part::CellFormats, "alignment") => {
                if let Some(format) = book.formats.last_mut() {
                    format.horizontal = tag.attr("horizontal").map_or(0, |name| horizontal(&name));
                    format.vertical = tag.attr("vertical").map_or(2, |name| vertical(&name));
                }
            }
            (Part::CellFormats, "protection") => {
                if let Some(format) = book.formats.last_mut() {
                    format.hides_formula = tag.flag("hidden").unwrap_or(false);
                }
            }
            _ => {}
        }
    }
    book.palette = colours.into_palette();
    Ok(())
}

/// The index as the model has it, which leaves out 4.
pub(in crate::documents) fn font_index(index: u16) -> u16 {
    if index >= 4 { index.saturating_add(1) } else { index }
}

/// Points as twips.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(in crate::documents) fn twips(points: f64) -> u16 {
    // Clamped to the range of the type before.
    (points * 20.0).clamp(0.0, 65_535.0).round() as u16
}

/// [MS-XLS] 2.5.109 `HorizAlign`.
fn horizontal(name: &str) -> u8 {
    match name {
        "left" => 1,
        "center" => 2,
        "right" => 3,
        "fill" => 4,
        "justify" => 5,
        "centerContinuous" => 6,
        "distributed" => 7,
        _ => 0,
    }
}

/// [MS-XLS] 2.5.272 `VertAlign`.
fn vertical(name: &str) -> u8 {
    match name {
        "top" => 0,
        "center" => 1,
        "justify" => 3,
        "distributed" => 4,
        _ => 2,
    }
}
