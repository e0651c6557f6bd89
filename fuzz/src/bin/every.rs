//! All bodies in one program, which takes a fraction of the time to build that their own programs take;
//! `DOCSIFT_BODY` names the one that it runs.
#![cfg_attr(fuzzing, no_main)]

use std::sync::LazyLock;

use docsift_fuzz::{BODIES, Body};

static BODY: LazyLock<Body> = LazyLock::new(|| {
    let name = std::env::var("DOCSIFT_BODY").unwrap_or_default();
    let found = BODIES.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no body is called {name:?}: set DOCSIFT_BODY")).1
});

fn every(data: &[u8]) {
    BODY(data);
}

docsift_fuzz::target!(every);
