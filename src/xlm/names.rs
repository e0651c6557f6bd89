//! Names: those of the file, and those that a macro sets.

use std::collections::BTreeMap;
use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use super::code::{Code, NameRef};
use super::starts::is_passed_over;
use super::value::Value;
use crate::base::{LimitHit, LimitKind};
use crate::documents::workbook::Workbook;

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// A value or a reference.
    Value(Value),
    /// A formula of the file that was not looked at yet: index in the names of the workbook.
    File(usize),
    /// A formula.
    Code(Rc<Code>),
}

/// The names of a run.
#[derive(Debug, Default)]
pub struct Names {
    /// Names of the workbook.
    known: BTreeMap<Rc<str>, Meaning>,
    /// Names that belong to a sheet, which few workbooks have.
    own: BTreeMap<(u32, Rc<str>), Meaning>,
    live: usize,
    /// Names that were set and their values, for those who follow the run.
    pub log: Option<Vec<(Rc<str>, Value)>>,
}

/// Bytes that names may take at one time.
const LIVE: usize = 1 << 20;

/// Names that are logged between two formulas.
const LOGGED: usize = 16;

/// What a name takes besides its texts.
const NAME_BYTES: usize = 96;

/// A name as Excel compares it: composed, in lower case, without what it passes over.
pub fn name_key(name: &str) -> Rc<str> {
    if name.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()) {
        return name.into();
    }
    let seen = name.chars().take(1024).filter(|letter| !is_passed_over(*letter));
    let composed: String = seen.nfkd().nfc().collect();
    composed.to_lowercase().into()
}

impl Names {
    /// The names of a workbook.
    pub fn of(book: &Workbook) -> Self {
        let mut names = Names::default();
        for (index, name) in book.names.iter().enumerate() {
            let key = name_key(&name.name);
            match name.scope {
                Some(sheet) => names.own.entry((sheet.into(), key)).or_insert(Meaning::File(index)),
                None => names.known.entry(key).or_insert(Meaning::File(index)),
            };
        }
        names
    }

    /// What a name stands for in a formula of `sheet`: that sheet's own name comes first.
    pub fn get(&self, name: &NameRef, sheet: u32) -> Option<&Meaning> {
        let all = || self.known.get(&name.key);
        if self.own.is_empty() {
            return all();
        }
        let own = |sheet| self.own.get(&(sheet, Rc::clone(&name.key)));
        own(name.sheet.unwrap_or(sheet)).or_else(all).or_else(|| own(sheet))
    }

    /// Sets a name: the sheet's own where there is one, else that of the workbook.
    ///
    /// # Errors
    /// [`LimitHit`] when names take too much memory.
    pub fn set(&mut self, key: &Rc<str>, sheet: u32, meaning: Meaning) -> Result<(), LimitHit> {
        if let (Some(log), Meaning::Value(value)) = (&mut self.log, &meaning)
            && log.len() < LOGGED
        {
            log.push((Rc::clone(key), value.clone()));
        }
        let len = |meaning: &Meaning| match meaning {
            Meaning::Value(value) => value.data.heap_len().saturating_add(NAME_BYTES),
            Meaning::Code(code) => code.len.saturating_add(NAME_BYTES),
            Meaning::File(_) => 0,
        };
        let added = key.len();
        self.live = self.live.saturating_add(len(&meaning)).saturating_add(added);
        let before = match self.own_of(key, sheet) {
            Some(own) => Some(std::mem::replace(own, meaning)),
            None => self.known.insert(Rc::clone(key), meaning),
        };
        if let Some(before) = before {
            self.live = self.live.saturating_sub(len(&before)).saturating_sub(added);
        }
        if self.live > LIVE {
            return Err(LimitHit { kind: LimitKind::Memory, ceiling: LIVE as u64 });
        }
        Ok(())
    }

    /// What the name of a sheet stands for.
    fn own_of(&mut self, key: &Rc<str>, sheet: u32) -> Option<&mut Meaning> {
        if self.own.is_empty() { None } else { self.own.get_mut(&(sheet, Rc::clone(key))) }
    }

    /// Keeps what a name of the file was found to stand for, which sets nothing.
    ///
    /// # Errors
    /// As [`Names::set`].
    pub fn found(&mut self, key: &Rc<str>, sheet: u32, meaning: Meaning) -> Result<(), LimitHit> {
        let log = self.log.take();
        let result = self.set(key, sheet, meaning);
        self.log = log;
        result
    }

    /// Forgets a name.
    pub fn delete(&mut self, key: &Rc<str>, sheet: u32) {
        if self.own.remove(&(sheet, Rc::clone(key))).is_none() {
            self.known.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xlm::value::Data;

    #[test]
    fn names_are_compared_as_excel_does() {
        assert_eq!(name_key("Au\u{200D}TO\0_open"), name_key("auto_OPEN"));
        assert_ne!(name_key("Auto\u{200B}_open"), name_key("auto_open"));
    }

    #[test]
    fn the_name_of_the_sheet_comes_before_that_of_the_workbook() {
        let mut names = Names::default();
        let key: Rc<str> = "n".into();
        let value = |number: f64| Meaning::Value(Value::from(Data::Number(number)));
        names.set(&key, 0, value(1.0)).unwrap();
        names.own.insert((2, Rc::clone(&key)), value(2.0));
        let name = NameRef { key: Rc::clone(&key), text: "n".into(), sheet: None };
        let read = |names: &Names, sheet| match names.get(&name, sheet) {
            Some(Meaning::Value(value)) => Some(value.data.clone()),
            _ => None,
        };
        assert_eq!(read(&names, 0), Some(Data::Number(1.0)));
        assert_eq!(read(&names, 2), Some(Data::Number(2.0)));
        names.set(&key, 2, value(3.0)).unwrap();
        assert_eq!((read(&names, 0), read(&names, 2)), (Some(Data::Number(1.0)), Some(Data::Number(3.0))));
        names.delete(&key, 0);
        assert_eq!(read(&names, 0), None);
    }
}
