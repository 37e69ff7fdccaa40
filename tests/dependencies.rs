//! What chaffinch is built of: licences that go with its own, nothing from outside the registry, a small tree for those
//! who use the library. `deny.toml` says the same to cargo-deny, which knows advisories too but needs the network.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Licences that may be combined with MIT or Apache-2.0.
const ALLOWED: [&str; 9] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages that a user of the library builds, chaffinch and what runs at build time included.
const LIBRARY: usize = 45;

fn cargo(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether one of the alternatives of a licence expression is allowed, with all its parts.
fn is_allowed(licence: &str) -> bool {
    let licence = licence.replace('/', " OR ").replace(['(', ')'], " ");
    // Everything behind an `AND` must be allowed, of what stands between `OR` one; that is how crates write it.
    licence.split(" AND ").all(|part| part.split(" OR ").any(|one| ALLOWED.contains(&one.trim())))
}

#[test]
fn licences_go_with_ours() {
    // What other platforms need has not been downloaded here.
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(rustc.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let words =
        ["metadata", "--format-version=1", "--locked", "--offline", "--all-features", "--filter-platform", host];
    let metadata: Value = serde_json::from_str(&cargo(&words)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50);
    for package in packages {
        let name = &package["name"];
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
        assert!(is_allowed(licence), "{name}: {licence}");
        let source = package["source"].as_str();
        assert!(source.is_none_or(|source| source.starts_with("registry+")), "{name} is from {source:?}");
    }
}

#[test]
fn licence_expressions_are_read_right() {
    assert!(is_allowed("MIT OR Apache-2.0") && is_allowed("Unlicense/MIT") && is_allowed("GPL-3.0 OR MIT"));
    assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(!is_allowed("GPL-3.0") && !is_allowed("MIT AND GPL-3.0") && !is_allowed(""));
}

#[test]
fn who_uses_the_library_builds_little() {
    let tree = cargo(&["tree", "--locked", "--offline", "--no-default-features", "-e=normal,build", "--prefix=none"]);
    let packages: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(" (").next()).collect();
    println!("{} packages", packages.len());
    assert!(packages.len() <= LIBRARY, "{}: {packages:#?}", packages.len());
    for binary in ["clap ", "anyhow ", "crossterm ", "tempfile ", "anstream ", "zstd"] {
        assert!(!packages.iter().any(|package| package.starts_with(binary)), "{binary} is for the program only");
    }
}
