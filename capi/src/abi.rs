//! What a program in C relies on: sizes of structures and places of fields.
//!
//! `cargo xtask header` writes them to `abi.txt` with the numbers and names of the header.

use std::mem::offset_of;

use crate::*;

/// A structure as it lies in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its name.
    pub name: &'static str,
    /// Bytes.
    pub size: usize,
    /// Its fields and where they begin.
    pub fields: Vec<(&'static str, usize)>,
}

macro_rules! layouts {
    ($($name:ident { $($field:ident)* })*) => {
        vec![$(Layout {
            name: stringify!($name),
            size: size_of::<$name>(),
            fields: vec![$((stringify!($field), offset_of!($name, $field))),*],
        }),*]
    };
}

/// Every structure of the header, on this machine.
pub fn layouts() -> Vec<Layout> {
    layouts! {
        docsift_str { data len }
        docsift_limits {
            size steps part_bytes total_bytes ratio depth parts cells kdf_rounds findings excerpt_bytes report_chars
        }
        docsift_visited { part parent path kind bytes len }
        docsift_input { size bytes len name zone zone_len keep_bytes visit user }
        docsift_input_summary { name size sha256 kind }
        docsift_verdict { level score sentence decided_by decided_by_count complete }
        docsift_location { part line has_bytes start end cell }
        docsift_finding {
            rule name message severity confidence attack attack_count evidence_count more
        }
        docsift_evidence { location raw raw_len text }
        docsift_effect {
            kind basis text condition location order start url to path content command how dll procedure
            arguments argument_count source
        }
        docsift_indicator { kind value defanged count location well_known }
        docsift_run { start len }
        docsift_part { id parent path kind size sha256 runs run_count method password password_source }
        docsift_module { part name kind source cut listed }
        docsift_macro_sheet { part sheet visibility cell_count cut }
        docsift_macro_cell { cell formula cached computed }
        docsift_text { text source location visible }
        docsift_problem { kind stage message location }
        docsift_trace_options { size steps repeats }
    }
}
