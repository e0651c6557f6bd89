//! Equations of Equation Editor: MTEF 3, and the stream `Equation Native` around it.

use crate::bytes::Put;

/// Platform, product and version of the writer behind MTEF's version; FULL, LINE.
const HEAD: [u8; 7] = [3, 1, 1, 3, 10, 10, 1];

/// An equation in MTEF 3 with one font.
pub fn equation(font: &[u8]) -> Vec<u8> {
    equation_of_fonts(&[font])
}

/// An equation with a letter in each of several fonts.
pub fn equation_of_fonts(fonts: &[&[u8]]) -> Vec<u8> {
    let mut out = HEAD.to_vec();
    for font in fonts {
        out.u8(8).u8(0x81).u8(0).raw(font).u8(0); // FONT
        out.u8(0x02).u8(0x83).u16(0x78); // CHAR
    }
    out.u8(0).u8(0); // END, END
    out
}

/// The content of `Equation Native`: EQNOLEFILEHDR, and an equation.
pub fn native(equation: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.u16(28).u32(0x0002_0000).u16(0xC19F).u32(equation.len() as u32).zeros(16);
    out.raw(equation);
    out
}
