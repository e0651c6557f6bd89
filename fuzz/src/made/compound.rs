//! A compound file laid out soundly, then changed where the choices say: directory, tables, header.

use docsift_corpus::raw_cfb::{ENDOFCHAIN, FREESECT, Node, RawCfb};

use super::{Choices, workbook};

const NAMES: [&str; 16] = [
    "Workbook",
    "Book",
    "WordDocument",
    "1Table",
    "PowerPoint Document",
    "Current User",
    "\u{1}Ole10Native",
    "\u{1}CompObj",
    "\u{5}SummaryInformation",
    "EncryptionInfo",
    "EncryptedPackage",
    "__properties_version1.0",
    "_VBA_PROJECT_CUR",
    "VBA",
    "dir",
    "Equation Native",
];

pub(super) fn file(choices: &mut Choices<'_>) -> Vec<u8> {
    let children = nodes(choices, 3);
    let major_version = if choices.one_in(8) { 4 } else { 3 };
    let mut layout = RawCfb { major_version, clsid: [0; 16], children }.layout();
    for _ in 0..choices.below(12) {
        let number = match choices.byte() % 8 {
            0 => ENDOFCHAIN,
            1 => FREESECT,
            2 => choices.number(),
            _ => u32::from(choices.byte()) % (layout.fat.len() as u32 + 2),
        };
        let entry = choices.below(layout.directory.len().max(1));
        match choices.byte() % 16 {
            0..=2 => set(&mut layout.fat, choices, number),
            3..=4 => set(&mut layout.mini_fat, choices, number),
            5 => layout.directory[entry].left = number,
            6 => layout.directory[entry].right = number,
            7 => layout.directory[entry].child = number,
            8 => layout.directory[entry].start = number,
            9 => layout.directory[entry].size = u64::from(number) | u64::from(choices.byte() / 128) << 40,
            10 => layout.directory[entry].object_type = choices.byte() % 8,
            11 => layout.directory[entry].name_len = choices.u16() % 80,
            12 => layout.mini_cutoff = number,
            13 => (layout.difat_start, layout.difat_count) = (number, u32::from(choices.byte())),
            14 => layout.fat_count = number,
            _ => set(&mut layout.difat, choices, number),
        }
    }
    layout.tail = choices.bytes(255).to_vec();
    let mut file = layout.into_bytes();
    if choices.one_in(8) {
        let less = usize::from(choices.u16()) % file.len();
        file.truncate(file.len() - less);
    }
    file
}

fn set(table: &mut [u32], choices: &mut Choices<'_>, number: u32) {
    let index = usize::from(choices.u16()) % table.len().max(1);
    if let Some(slot) = table.get_mut(index) {
        *slot = number;
    }
}

fn nodes(choices: &mut Choices<'_>, depth: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    for _ in 0..=choices.below(5) {
        let mut name = choices.text(&NAMES);
        while name.encode_utf16().count() > 31 {
            name.pop();
        }
        if depth > 0 && choices.one_in(4) {
            nodes.push(Node::storage(&name, self::nodes(choices, depth - 1)));
            continue;
        }
        let data = match choices.byte() % 8 {
            0..=2 => workbook::stream(choices),
            // Long enough for sectors of its own.
            3 => choices.bytes(64).repeat(80),
            _ => choices.bytes(255).to_vec(),
        };
        nodes.push(Node::stream(&name, data));
    }
    nodes
}
