//! Links, equations, pictures, archives, small formats and encrypted documents of any size: what
//! `tests/limits.rs` doubles beside [`crate::growth`].

use crate::biff::crypt::{Cipher, DEFAULT_PASSWORD};
use crate::biff::{Book, Cell, Sheet, xf};
use crate::bytes::Put;
use crate::container::compound_file;
use crate::equation::{equation, equation_of_fonts};
use crate::fixtures::xls;
use crate::hostile::Generator;
use crate::mail::Mail;
use crate::ooxml::Pack;
use crate::outlook::{Msg, compressed_rtf};
use crate::packed::{self, zlib};
use crate::word::{MSG_BOX, Token, Word6, main_of};
use crate::zip::{Member, Zip};
use crate::{agile, listed, png, publisher, rtf, shell_link, standard, udf, zip_crypt};

/// All generators.
pub const ALL: &[Generator] = &[
    ("link_of_blocks", link_of_blocks),
    ("link_before_a_script", link_before_a_script),
    ("link_of_one_cmd_line", link_of_one_cmd_line),
    ("link_of_one_powershell_line", link_of_one_powershell_line),
    ("equation_fonts", equation_fonts),
    ("equations_that_overflow", equations_that_overflow),
    ("active_mime", active_mime),
    ("active_mime_of_false_starts", active_mime_of_false_starts),
    ("png_of_pixels", png_of_pixels),
    ("png_of_chunks", png_of_chunks),
    ("bitmap_of_pixels", bitmap_of_pixels),
    ("gif_of_comments", gif_of_comments),
    ("jpeg_of_comments", jpeg_of_comments),
    ("tiff_of_fields", tiff_of_fields),
    ("publication_of_pictures", publication_of_pictures),
    ("publication_of_texts", publication_of_texts),
    ("gzip_of_a_workbook", gzip_of_a_workbook),
    ("tar_of_files", tar_of_files),
    ("udf_image_of_files", udf_image_of_files),
    ("udf_image_of_one_file", udf_image_of_one_file),
    ("rar4_list", rar4_list),
    ("rar5_list", rar5_list),
    ("cabinet_list", cabinet_list),
    ("lha_list", lha_list),
    ("mail_of_uuencode", mail_of_uuencode),
    ("mail_of_reminders", mail_of_reminders),
    ("mbox_of_mails", mbox_of_mails),
    ("message_of_packed_text", message_of_packed_text),
    ("web_query_lines", web_query_lines),
    ("wordbasic_lines", wordbasic_lines),
    ("page_of_marks", page_of_marks),
    ("workbook_under_xor", |size| encrypted_workbook(Cipher::XorDefaultPassword, size)),
    ("workbook_under_rc4", |size| encrypted_workbook(Cipher::Rc4DefaultPassword, size)),
    ("workbook_under_cryptoapi", |size| encrypted_workbook(Cipher::CryptoApiDefaultPassword, size)),
    ("package_under_agile", package_under_agile),
    ("package_under_standard", package_under_standard),
    ("zip_under_zipcrypto", |size| encrypted_zip(size, |member| zip_crypt::zip_crypto(member, "infected"))),
    ("zip_under_aes", |size| encrypted_zip(size, |member| zip_crypt::aes(member, "infected", 256, 2))),
];

/// A workbook of numbers.
fn book(size: usize) -> Book {
    let mut sheet = Sheet::work("Sheet1");
    for (number, row) in (0..size / 18).zip(0u16..) {
        sheet.cells.push((row, 0, xf::DEFAULT, Cell::Number(number as f64 + 0.5)));
    }
    Book::new(vec![sheet])
}

fn link_of_blocks(size: usize) -> Vec<u8> {
    let mut out = shell_link::link("C:\\Windows\\notepad.exe", "", &[]);
    out.truncate(out.len() - 4); // TerminalBlock
    for _ in 0..size / 12 {
        out.u32(12).u32(0xA000_000B).u32(0); // BlockSize, BlockSignature, data
    }
    out.u32(0);
    out
}

fn link_before_a_script(size: usize) -> Vec<u8> {
    let script = "<script>a</script>\n".repeat(size / 19);
    shell_link::link("C:\\Windows\\System32\\mshta.exe", "a.lnk", script.as_bytes())
}

/// A link's arguments are at most 65,535 characters.
fn link_of_one_cmd_line(size: usize) -> Vec<u8> {
    let line = "set a=b^c&call %a:~0,1%&".repeat((size / 8).min(65_000) / 24);
    shell_link::link("C:\\Windows\\System32\\cmd.exe", &format!("/v:on /c {line}"), &[])
}

fn link_of_one_powershell_line(size: usize) -> Vec<u8> {
    let line = "$a=('{1}{0}'-f'b','a')+[char]99;".repeat((size / 8).min(65_000) / 32);
    let program = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
    shell_link::link(program, &format!("-nop -c {line}"), &[])
}

fn equation_object(mtef: &[u8]) -> String {
    rtf::object("\\objemb", "Equation.3", &rtf::embedded("Equation.3", mtef))
}

fn equation_fonts(size: usize) -> Vec<u8> {
    let fonts = vec![&b"Times New Roman"[..]; size / 46];
    rtf::document(&equation_object(&equation_of_fonts(&fonts)))
}

fn equations_that_overflow(size: usize) -> Vec<u8> {
    let object = equation_object(&equation(&[b'A'; 60]));
    rtf::document(&object.repeat(size / object.len()))
}

fn active_mime(size: usize) -> Vec<u8> {
    packed::active_mime(&xls(&book(size)))
}

/// Streams that each go on into the next one, make two bytes on the way, and end in blocks that make
/// none: a reader that tries them all reads the end for each.
fn active_mime_of_false_starts(size: usize) -> Vec<u8> {
    let mut streams = Vec::new();
    for _ in 0..30 {
        streams.raw(&[0x78, 0x01]);
        streams.u8(0).u16(2).u16(!2); // a stored block, around the next two bytes
    }
    streams.raw(b"ab");
    for _ in 0..size / 5 {
        streams.u8(0).u16(0).u16(!0);
    }
    packed::active_mime_of(&streams)
}

/// A document with a picture, stored as it is: a picture alone is no document.
fn with_picture(picture: &[u8]) -> Vec<u8> {
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    let main = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"/>";
    let mut pack = Pack::new("word/document.xml", WORD, main);
    pack.relate("word/document.xml", "rId1", "image", "media/image1.png");
    let mut zip = pack.zip();
    zip.members.push(Member::stored("word/media/image1.png", picture));
    zip.into_bytes()
}

/// A side of a square of so many pixels.
fn side(pixels: usize) -> u32 {
    pixels.isqrt() as u32
}

fn png_of_pixels(size: usize) -> Vec<u8> {
    let side = side(size);
    let pixels: Vec<u8> = (0..side * side).map(|at| at.wrapping_mul(37) as u8).collect();
    with_picture(&png::grey(side, side, &pixels))
}

fn png_of_chunks(size: usize) -> Vec<u8> {
    let mut out = png::stripes();
    let end = out.split_off(out.len() - 12); // IEND
    let mut text = b"tEXta\0b".to_vec();
    text.raw(&png::crc32(&text.clone()).to_be_bytes());
    for _ in 0..size / 15 {
        out.raw(&3u32.to_be_bytes()).raw(&text);
    }
    out.raw(&end);
    with_picture(&out)
}

fn bitmap_of_pixels(size: usize) -> Vec<u8> {
    let side = side(size / 4);
    let mut out = b"BM".to_vec();
    out.u32(54 + side * side * 4).u32(0).u32(54); // bfSize, reserved, bfOffBits
    out.u32(40).u32(side).u32(side).u16(1).u16(32).u32(0).zeros(20); // BITMAPINFOHEADER
    for at in 0..side * side {
        out.u32(at.wrapping_mul(0x0101_2531));
    }
    with_picture(&out)
}

fn gif_of_comments(size: usize) -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    out.u16(1).u16(1).u8(0x80).u8(0).u8(0).raw(&[0, 0, 0, 255, 255, 255]); // screen, two colours
    for _ in 0..size / 8 {
        out.raw(&[0x21, 0xFE, 4]).raw(b"pens").u8(0);
    }
    out.u8(0x2C).zeros(4).u16(1).u16(1).u8(0); // a picture of one pixel
    out.raw(&[2, 2, 0x44, 0x01, 0, 0x3B]);
    with_picture(&out)
}

fn jpeg_of_comments(size: usize) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    for _ in 0..size / 8 {
        out.raw(&[0xFF, 0xFE, 0, 6]).raw(b"pens");
    }
    out.raw(&[0xFF, 0xD9]);
    with_picture(&out)
}

fn tiff_of_fields(size: usize) -> Vec<u8> {
    let fields = (size / 12).min(65_000) as u16;
    let mut out = b"II*\0".to_vec();
    out.u32(8).u16(fields);
    for field in 0..fields {
        out.u16(0x0100_u16.saturating_add(field)).u16(3).u32(1).u32(1);
    }
    out.u32(0);
    with_picture(&out)
}

fn publication_of_pictures(size: usize) -> Vec<u8> {
    let picture = png::stripes();
    publisher::file(&["Leaflet"], &vec![picture.clone(); size / picture.len()], Vec::new())
}

fn publication_of_texts(size: usize) -> Vec<u8> {
    publisher::file(&vec!["Paper and pens"; size / 60], &[], Vec::new())
}

fn gzip_of_a_workbook(size: usize) -> Vec<u8> {
    packed::gzip(&xls(&book(size)))
}

fn tar_of_files(size: usize) -> Vec<u8> {
    packed::tar(&vec![("pens.txt", &b"Paper and pens"[..]); size / 1024])
}

fn udf_image_of_files(size: usize) -> Vec<u8> {
    // The list of the root folder is one sector. Files fill their extents and are larger than is asked for, so that
    // what is read grows as the image does, with its 130 kB of frame.
    let content = vec![b'p'; (size / 12).next_multiple_of(udf::EXTENT)];
    udf::image(&[("pens.txt", &content[..]); 20], true)
}

fn udf_image_of_one_file(size: usize) -> Vec<u8> {
    // The list of a file's extents is one sector. The file is larger than is asked for, so that what is read grows as
    // the image does, with its 90 kB of frame.
    udf::image(&[("pens.txt", "Paper and pens\n".repeat(size.min(700_000) / 12).as_bytes())], true)
}

fn rar4_list(size: usize) -> Vec<u8> {
    listed::rar4(&vec!["pens.xls"; size / 56], false)
}

fn rar5_list(size: usize) -> Vec<u8> {
    listed::rar5(&vec!["pens.xls"; size / 42], false)
}

fn cabinet_list(size: usize) -> Vec<u8> {
    listed::cabinet(&vec!["pens.xls"; size / 25])
}

fn lha_list(size: usize) -> Vec<u8> {
    listed::lha(&vec!["pens.xls"; size / 50], 0)
}

fn mail_of_uuencode(size: usize) -> Vec<u8> {
    let file = packed::uuencode("pens.txt", b"Paper and pens\n");
    Mail::new("<a@one.invalid>", "Pens", &file.repeat(size / file.len())).into_bytes()
}

fn mail_of_reminders(size: usize) -> Vec<u8> {
    let alarm = "BEGIN:VALARM\r\nATTACH:\\\\one.invalid\\a\r\nEND:VALARM\r\n";
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n",
        alarm.repeat(size / 70)
    );
    Mail::new("<a@one.invalid>", "Meeting", "See you.\r\n")
        .attach_as("text/calendar", "filename=\"a.ics\"", calendar.into_bytes())
        .into_bytes()
}

fn mbox_of_mails(size: usize) -> Vec<u8> {
    let mut mail = b"From office@sender.invalid Wed Nov  2 08:11:12 2022\r\n".to_vec();
    mail.raw(&Mail::new("<a@one.invalid>", "Pens", "Paper and pens\r\n").into_bytes()).raw(b"\r\n");
    mail.repeat(size / mail.len())
}

fn message_of_packed_text(size: usize) -> Vec<u8> {
    let text = format!("{{\\rtf1\\ansi {}}}", "Paper and pens\\par ".repeat(size / 22));
    Msg { subject: "Pens".into(), rtf: compressed_rtf(text.as_bytes()), ..Msg::default() }.into_bytes()
}

fn web_query_lines(size: usize) -> Vec<u8> {
    let options = "Formatting=None\r\n".repeat(size / 17);
    format!("WEB\r\n1\r\nhttp://one.invalid/2.dat\r\n\r\n{options}").into_bytes()
}

fn wordbasic_lines(size: usize) -> Vec<u8> {
    let line: &[Token<'_>] = &[MSG_BOX, Token::Text("Paper and pens")];
    let code = main_of(&vec![line; size / 20]);
    Word6 { text: b"Pens\r".to_vec(), macros: vec![("Pens", 0, code)], ..Word6::default() }.file()
}

/// Letters with accents, marks that turn the direction, and spaces of no width.
fn page_of_marks(size: usize) -> Vec<u8> {
    let marks = "<p>e\u{301}\u{202E}a\u{202C}\u{200B}n\u{AD}able c\u{43E}ntent";
    format!("<html>{}", marks.repeat(size / marks.len())).into_bytes()
}

fn encrypted_workbook(cipher: Cipher, size: usize) -> Vec<u8> {
    xls(&Book { cipher: Some(cipher), ..book(size) })
}

/// A package of text that deflate does not make small.
fn package(size: usize) -> Vec<u8> {
    let mut text = String::new();
    for number in 0..size / 30 {
        text += &format!("<w:p><w:t>{}</w:t></w:p>", (number as u32).wrapping_mul(2_654_435_761));
    }
    let document = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{text}</w:body></w:document>"
    );
    crate::zip::stored("word/document.xml", document.as_bytes())
}

/// The class of an encrypted package: none.
const NO_CLASS: &str = "00000000-0000-0000-0000-000000000000";

fn package_under_agile(size: usize) -> Vec<u8> {
    compound_file(NO_CLASS, &agile::encrypt(&package(size), DEFAULT_PASSWORD))
}

fn package_under_standard(size: usize) -> Vec<u8> {
    compound_file(NO_CLASS, &standard::encrypt(&package(size), DEFAULT_PASSWORD))
}

fn encrypted_zip(size: usize, lock: impl Fn(Member) -> Member) -> Vec<u8> {
    // A workbook is about twice as large as is asked for.
    let content = zlib(&xls(&book(size / 8)));
    Zip::of((0..4).map(|number| lock(Member::stored(&format!("{number}.bin"), &content)))).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn files_have_about_the_size_that_is_asked_for() {
        // Arguments of links end at 65,535 characters.
        let mut wrong = Vec::new();
        for (name, make) in ALL.iter().filter(|(name, _)| !name.contains("_line")) {
            // A UDF image has about 200,000 bytes before its first file.
            let (one, two) = (make(400_000).len(), make(800_000).len());
            // Deflate makes a workbook smaller.
            if !(120_000..=880_000).contains(&one) || two <= one * 3 / 2 {
                wrong.push(format!("{name}: {one} and {two} bytes"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
