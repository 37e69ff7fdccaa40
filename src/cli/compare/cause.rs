//! Why two runs decided a line differently: from the reasons that both gave, and from what the runs differ in.

use std::collections::BTreeMap;

use super::Reason;

/// What the runs depend on and where that is not the same: name, before and now.
pub(super) type Differences<'b> = BTreeMap<&'b str, [&'b str; 2]>;

/// Where the bases of two runs differ.
pub(super) fn differences<'b>(old: &'b BTreeMap<String, String>, new: &'b BTreeMap<String, String>) -> Differences<'b> {
    let value = |basis: &'b BTreeMap<String, String>, name: &str| basis.get(name).map_or("none", String::as_str);
    let names = old.keys().chain(new.keys()).map(String::as_str);
    let both = names.map(|name| (name, [value(old, name), value(new, name)]));
    both.filter(|(_, [before, now])| before != now).collect()
}

/// What made the difference for a line. What a person said comes first, then what was computed for this very line;
/// where the reasons are the model's own it is whatever the runs differ in, and if that is nothing, other lines.
pub(super) fn of(old: &[Reason], new: &[Reason], differences: &Differences<'_>) -> String {
    let texts = |reasons: &[Reason], is: &dyn Fn(&Reason) -> bool| -> Vec<String> {
        let mut texts: Vec<String> = reasons.iter().filter(|r| is(r)).map(|r| r.text.clone()).collect();
        texts.sort_unstable();
        texts
    };
    let differ = |is: &dyn Fn(&Reason) -> bool| texts(old, is) != texts(new, is);
    let own = |reason: &Reason| reason.kind == "seed" && !reason.source.chars().all(|c| c.is_ascii_lowercase());
    if differ(&|reason| reason.kind == "answer") {
        return "answers".into();
    }
    if differ(&|reason| reason.kind == "asked") {
        return "options".into();
    }
    if differ(&own) {
        return "seeds".into();
    }
    if differ(&|reason| reason.kind == "repeats") {
        return "repeats".into();
    }
    for (kind, name) in [("learned", "adaptation"), ("template", "template")] {
        if differ(&|reason| reason.kind == kind) {
            return name.into();
        }
    }
    // Another version is no reason of its own where its model is another one too.
    let names: Vec<&str> =
        differences.keys().copied().filter(|name| *name != "version" || !differences.contains_key("model")).collect();
    if names.is_empty() { "context".into() } else { names.join(" or ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(kinds: &[(&str, &str)]) -> Vec<Reason> {
        let reason = |(kind, source): &(&str, &str)| Reason {
            kind: (*kind).into(),
            text: format!("{kind} {source}"),
            source: (*source).into(),
        };
        kinds.iter().map(reason).collect()
    }

    #[test]
    fn the_nearest_cause_is_told() {
        let model = BTreeMap::from([("model", ["1", "2"]), ("version", ["0.1", "0.2"])]);
        let none = BTreeMap::new();
        let cause =
            |old: &[(&str, &str)], new: &[(&str, &str)], d: &Differences<'_>| of(&reasons(old), &reasons(new), d);
        assert_eq!(cause(&[("feature", "")], &[("answer", "a.toml:1"), ("feature", "")], &model), "answers");
        assert_eq!(cause(&[("answer", "a.toml:1")], &[("words", "")], &none), "answers");
        assert_eq!(cause(&[("seed", "en")], &[("seed", "my.toml")], &model), "seeds");
        assert_eq!(cause(&[("seed", "en")], &[("seed", "de")], &model), "model");
        assert_eq!(cause(&[("feature", "")], &[("learned", "x")], &model), "adaptation");
        assert_eq!(cause(&[("feature", "")], &[("repeats", "")], &none), "repeats");
        assert_eq!(cause(&[("feature", "")], &[("feature", "")], &none), "context");
        let two = BTreeMap::from([("options", ["none", "x"]), ("version", ["0.1", "0.2"])]);
        assert_eq!(cause(&[], &[], &two), "options or version");
    }

    #[test]
    fn what_is_missing_is_a_difference() {
        let basis = |items: &[(&str, &str)]| items.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let (old, new) = (basis(&[("model", "1"), ("seeds", "a")]), basis(&[("model", "1"), ("answers", "b")]));
        assert_eq!(differences(&old, &new), BTreeMap::from([("answers", ["none", "b"]), ("seeds", ["a", "none"])]));
    }
}
