//! Memory whose items never move: what C holds pointers into.

use crate::structs::docsift_str;

/// A list that only grows, in chunks that are never reallocated, so that a pointer into it is valid
/// for as long as the list lives.
#[derive(Debug)]
pub(crate) struct Stable<T> {
    chunks: Vec<Vec<T>>,
}

/// Items of the first chunk.
const FIRST: usize = 64;

impl<T: Copy> Stable<T> {
    pub(crate) fn new() -> Self {
        Stable { chunks: Vec::new() }
    }

    /// Puts `items` and then `end` side by side, and says where the first one is.
    pub(crate) fn push(&mut self, items: &[T], end: Option<T>) -> *const T {
        let need = items.len().saturating_add(1);
        let room = self.chunks.last().map_or(0, |chunk| chunk.capacity().saturating_sub(chunk.len()));
        if room < need {
            let last = self.chunks.last().map_or(0, Vec::capacity);
            self.chunks.push(Vec::with_capacity(need.max(last.saturating_mul(2)).max(FIRST)));
        }
        let Some(chunk) = self.chunks.last_mut() else { return std::ptr::null() };
        let at = chunk.len();
        // Within the capacity, so that nothing moves.
        chunk.extend_from_slice(items);
        chunk.extend(end);
        chunk.as_ptr().wrapping_add(at)
    }
}

/// Texts with a NUL behind each.
#[derive(Debug)]
pub(crate) struct Texts {
    bytes: Stable<u8>,
    /// Names from the library's own tables, which come again with every item.
    names: Vec<(&'static str, docsift_str)>,
}

impl Texts {
    pub(crate) fn new() -> Self {
        Texts { bytes: Stable::new(), names: Vec::new() }
    }

    pub(crate) fn text(&mut self, text: &str) -> docsift_str {
        docsift_str { data: self.bytes.push(text.as_bytes(), Some(0)).cast(), len: text.len() }
    }

    pub(crate) fn optional(&mut self, text: Option<&str>) -> docsift_str {
        text.map_or(docsift_str::ABSENT, |text| self.text(text))
    }

    /// A name of which there are few.
    pub(crate) fn name(&mut self, name: &'static str) -> docsift_str {
        let same = |(known, _): &&(&'static str, docsift_str)| std::ptr::eq(*known, name);
        if let Some((_, text)) = self.names.iter().find(same) {
            return *text;
        }
        let text = self.text(name);
        self.names.push((name, text));
        text
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> *const u8 {
        self.bytes.push(bytes, Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_stay_valid_while_the_list_grows() {
        let mut texts = Texts::new();
        let written: Vec<String> =
            (0..300).map(|number| "x".repeat(number % 70) + &number.to_string()).collect();
        let there: Vec<docsift_str> = written.iter().map(|text| texts.text(text)).collect();
        for (text, there) in written.iter().zip(there) {
            // SAFETY: `texts` lives and owns `len` bytes and a NUL there.
            let with_nul = unsafe { std::slice::from_raw_parts(there.data.cast::<u8>(), there.len + 1) };
            assert_eq!(with_nul, [text.as_bytes(), &[0]].concat());
        }
    }

    #[test]
    fn a_name_is_kept_once() {
        let mut texts = Texts::new();
        let name = "cell";
        assert_eq!(texts.name(name).data, texts.name(name).data);
        assert_ne!(texts.text(name).data, texts.text(name).data);
    }
}
