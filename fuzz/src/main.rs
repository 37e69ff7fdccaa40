//! One fuzzer for every target of `tests/invariants`; the variable `CHAFFINCH_TARGET` names the one to run.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/invariants/mod.rs"]
mod invariants;

static TARGET: LazyLock<invariants::Target> = LazyLock::new(|| {
    let name = std::env::var("CHAFFINCH_TARGET").unwrap_or_default();
    let target = invariants::TARGETS.iter().find(|(known, _)| *known == name);
    let Some((_, target)) = target else {
        let names: Vec<&str> = invariants::TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("CHAFFINCH_TARGET must be one of {}", names.join(", "));
        std::process::exit(2);
    };
    *target
});

fuzz_target!(|data: &[u8]| TARGET(data));
