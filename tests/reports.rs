//! The reports from outside: what they are made of must come back, by `patch`, by `git apply` and by `restore`.

mod reports {
    pub(crate) mod diff;
    pub(crate) mod html;
    pub(crate) mod jsonl;
    pub(crate) mod restore;
    pub(crate) mod toy;
}
