use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::phrase::PLACE_BITS;
use super::store::FILES;
use super::*;

/// Phrases that speak for two kinds of boilerplate on purpose: (language, phrase with its anchors).
const TWO_LABELS: &[(&str, &str)] = &[];

fn hits(seeds: &Seeds, line: &str) -> Vec<Hit> {
    let mut folded = String::new();
    fold(line, &mut folded);
    let mut out = vec![Hit { id: 0, label: Label::Body, strength: 9, whole: false, user: true }];
    seeds.hits(&folded, &mut out);
    out
}

fn labels(seeds: &Seeds, line: &str) -> Vec<(Label, u8)> {
    hits(seeds, line).iter().map(|hit| (hit.label, hit.strength)).collect()
}

fn with(text: &str) -> Seeds {
    let mut seeds = Seeds::built_in();
    seeds.add_file(Path::new("mine.toml"), text).unwrap();
    seeds
}

fn phrases<'a>(seeds: &'a Seeds, line: &str) -> Vec<&'a str> {
    hits(seeds, line).iter().map(|hit| seeds.seed(hit.id).phrase).collect()
}

/// The names of all built-in seeds.
fn all() -> Vec<u32> {
    let mut names = Vec::new();
    for (file, (name, text)) in (0..).zip(FILES) {
        let read = subset::built_in(text, |_, _, place| names.push(file << PLACE_BITS | place.start as u32));
        assert_eq!(read, Ok(()), "{name}");
    }
    names
}

fn is_boilerplate(label: Label) -> bool {
    !label.keep_by_default() && label != Label::Byline
}

#[test]
fn both_readers_agree_on_every_built_in_file() {
    for (name, text) in FILES {
        let mut quick = Vec::new();
        let read = subset::built_in(text, |label, list, place| quick.push((label, list, text[place].to_owned())));
        assert_eq!(read, Ok(()), "{name}");
        let careful = parse::user(Path::new(name), text).unwrap();
        let careful: Vec<_> = careful.into_iter().map(|item| (item.label, item.list, item.text)).collect();
        assert_eq!(quick, careful, "{name}");
    }
}

#[test]
fn a_name_gives_back_what_the_file_says() {
    let seeds = Seeds::built_in();
    let mut names = all().into_iter();
    for (source, text) in FILES {
        for item in parse::user(Path::new(source), text).unwrap() {
            let seed = seeds.store.seed(names.next().unwrap());
            assert_eq!((seed.raw, seed.label, seed.source), (item.text.as_str(), item.label, *source));
        }
    }
    assert_eq!(names.next(), None);
}

#[test]
fn built_in_phrases_are_in_folded_form_and_say_something() {
    let seeds = Seeds::built_in();
    let mut folded = String::new();
    for id in all() {
        let (raw, text) = (seeds.store.seed(id).raw, seeds.store.text(id));
        fold(text, &mut folded);
        assert_eq!(text, folded, "{raw:?} is not as folding leaves it");
        assert_eq!(parse::fault(phrase::anchored(raw)), None, "{raw:?}");
    }
}

#[test]
fn built_in_phrases_stand_once() {
    let seeds = Seeds::built_in();
    let mut seen = BTreeSet::new();
    let mut owners: BTreeMap<_, Label> = BTreeMap::new();
    let mut twice = String::new();
    for id in all() {
        let SeedRef { phrase, label, source } = seeds.seed(id);
        let anchored = phrase::anchored(phrase);
        let form = (source, anchored.text, anchored.start, anchored.end);
        if !seen.insert((form, label)) {
            writeln!(twice, "{source}: {phrase:?} stands twice under {label}").unwrap();
        }
        if is_boilerplate(label) && !TWO_LABELS.contains(&(source, phrase)) {
            let owner = *owners.entry(form).or_insert(label);
            if owner != label {
                writeln!(twice, "{source}: {phrase:?} is {owner} and {label}").unwrap();
            }
        }
    }
    assert_eq!(twice, "");
}

#[test]
fn every_language_has_phrases_for_every_kind_of_boilerplate() {
    let seeds = Seeds::built_in();
    let mut counts: BTreeMap<(&str, Label), usize> = BTreeMap::new();
    for id in all() {
        let SeedRef { source, label, .. } = seeds.seed(id);
        *counts.entry((source, label)).or_default() += 1;
    }
    let computed = [Label::DuplicateCaption, Label::DuplicateQuote, Label::Duplicate];
    for (name, _) in FILES.iter().filter(|(name, _)| *name != "und") {
        for label in Label::ALL.into_iter().filter(|l| is_boilerplate(*l) && !computed.contains(l)) {
            let count = counts.get(&(*name, label)).copied().unwrap_or(0);
            assert!(count >= 25, "{name}: only {count} phrases of {label}");
        }
    }
}

#[test]
fn every_built_in_phrase_finds_itself() {
    let seeds = Seeds::built_in();
    let mut out = Vec::new();
    for id in all() {
        let SeedRef { phrase, label, .. } = seeds.seed(id);
        let line = phrase::anchored(phrase).text.replace('#', "12");
        seeds.hits(&line, &mut out);
        // Another language may have the same phrase, and a longer phrase may hide this one.
        assert!(out.iter().any(|hit| hit.whole), "{phrase:?} is not found in {line:?}: {out:?}");
        let same = out.iter().any(|hit| hit.label == label);
        let full = out.len() == MAX_HITS || out.iter().any(|hit| hit.strength == 3);
        assert!(same || full, "{phrase:?} ({label}) is not found in {line:?}: {out:?}");
    }
}

#[test]
fn familiar_lines_are_known() {
    let seeds = Seeds::built_in();
    for (line, label) in [
        ("Already a subscriber? Log in", Label::Subscription),
        ("• SIGN UP FOR OUR NEWSLETTER »", Label::Subscription),
        ("Support independent journalism from just £2 a month.", Label::Membership),
        ("  34 responses to “A day at the mill”", Label::Comments),
        ("Wilma Marsh says:", Label::Comments),
        ("[12]Skip to main content", Label::Navigation),
        ("© 2024 Tidewater Media. All rights reserved.", Label::Legal),
        ("Das könnte Sie auch interessieren:", Label::Related),
        ("Unterstützen Sie unabhängigen Journalismus mit Ihrer Spende", Label::Membership),
        ("Lire aussi : La marée monte", Label::Related),
        ("Hazte socio y apoya el periodismo", Label::Membership),
        ("Il tuo contributo ci aiuta", Label::Membership),
        ("Continua após a publicidade", Label::Advertising),
        ("Deel dit artikel via WhatsApp", Label::Sharing),
        ("Läs också: Kvarnen öppnar igen", Label::Related),
        ("Artikkelen fortsetter under annonsen", Label::Advertising),
        ("Tilmeld dig vores nyhedsbrev", Label::Subscription),
        ("Wszelkie prawa zastrzeżone", Label::Legal),
        ("Yorum yapmak için giriş yapmalısınız", Label::Comments),
        ("Читайте также: Мельница открыта", Label::Related),
        ("Підтримайте нас донатом", Label::Membership),
        ("無断転載を禁じます", Label::Legal),
        ("相关阅读：老磨坊重新开放", Label::Related),
        ("무단전재 및 재배포 금지", Label::Legal),
        ("Baca juga: Kincir angin dibuka lagi", Label::Related),
    ] {
        let found = hits(&seeds, line);
        let scores = label_scores(&found);
        let best = scores.iter().max();
        assert!(best > Some(&1) && best == scores.get(label.index()), "{line:?}: {found:?}");
    }
    for line in ["The mill stood by the river for two hundred years.", "Wilma shared her bread with the miller.", ""] {
        let strong: Vec<_> = hits(&seeds, line).into_iter().filter(|hit| hit.strength > 1).collect();
        assert_eq!(strong, [], "{line:?}");
    }
}

#[test]
fn strengths_tell_weak_normal_and_whole_apart() {
    let seeds = with("[heading]\nphrases = [\"zorp\", \"=blig\"]\nweak = [\"frum\"]");
    assert_eq!(labels(&seeds, "a zorp b"), [(Label::Heading, 2)]);
    assert_eq!(labels(&seeds, "* zorp:"), [(Label::Heading, 3)]);
    assert_eq!(labels(&seeds, "Blig!"), [(Label::Heading, 3)]);
    assert_eq!(labels(&seeds, "blig a"), []);
    assert_eq!(labels(&seeds, "a frum"), [(Label::Heading, 1)]);
    let whole = hits(&seeds, "frum");
    assert_eq!((whole[0].strength, whole[0].whole, whole[0].user), (1, true, true));
}

#[test]
fn what_a_user_says_wins() {
    let line = "Sign up for our newsletter";
    assert!(labels(&Seeds::built_in(), line).iter().all(|(label, _)| *label == Label::Subscription));
    let seeds = with("[body]\nphrases = [\"Up for  our NEWSLETTER\"]");
    let found = hits(&seeds, line);
    assert_eq!((found[0].label, found[0].user), (Label::Body, true));
    assert!(found.iter().all(|hit| hit.user), "{found:?}");
    let seed = seeds.seed(found[0].id);
    assert_eq!((seed.phrase, seed.source, seed.label), ("Up for  our NEWSLETTER", "mine.toml", Label::Body));
    // Elsewhere in the line the built-in ones still speak.
    assert!(hits(&seeds, "Sign up for our newsletter. © 2024 Tidewater").iter().any(|hit| hit.label == Label::Legal));
}

#[test]
fn patterns_see_the_folded_line() {
    let seeds = with("[sharing]\npatterns = ['^\\d+ zorps$', \"Made By \\\\w+\"]");
    assert_eq!(labels(&seeds, "12  Zorps"), [(Label::Sharing, 3)]);
    assert_eq!(labels(&seeds, "it was made by wilma"), [(Label::Sharing, 2)]);
    let found = hits(&seeds, "12 zorps");
    assert_eq!(seeds.seed(found[0].id).phrase, "^\\d+ zorps$");
    let mut seeds = Seeds::built_in();
    let fail = |seeds: &mut Seeds, text| seeds.add_file(Path::new("p.toml"), text).unwrap_err().to_string();
    let bad = fail(&mut seeds, "[sharing]\npatterns = [\n  \"(\",\n]");
    assert!(bad.starts_with("p.toml:3: bad pattern \"(\": unclosed group"), "{bad}");
    assert!(fail(&mut seeds, "[sharing]\npatterns = ['x*']").contains("would match every line"));
}

#[test]
fn a_bad_file_changes_nothing() {
    let mut seeds = Seeds::built_in();
    for (text, message) in [
        ("[body]\nphrases = [\"zorp\",\n\"\"]", "b.toml:3: empty phrase"),
        ("[body]\nweak = [\"=\\u200b\"]", "b.toml:2: empty phrase"),
        ("[body]\nweak = [\"zorp\", \"a##b\"]", "b.toml:2: `##`"),
        ("[bod]", "b.toml:1: unknown label \"bod\""),
        ("[body\n", "b.toml:1: "),
    ] {
        let error = seeds.add_file(Path::new("b.toml"), text).unwrap_err();
        assert!(matches!(&error, crate::Error::Seeds { .. }) && error.to_string().starts_with(message), "{error}");
    }
    assert_eq!(seeds.store.user_seeds(), 0);
    assert_eq!(labels(&seeds, "zorp"), []);
}

#[test]
fn two_files_of_a_user_add_up() {
    let mut seeds = with("[legal]\nphrases = [\"zorp\"]\npatterns = [\"blig+\"]");
    seeds.add_file(Path::new("b.toml"), "[about]\nphrases = [\"frum\"]\npatterns = [\"quux$\"]").unwrap();
    let mut found = labels(&seeds, "zorp frum bligg quux");
    found.sort_unstable();
    assert_eq!(found, [(Label::Legal, 2), (Label::Legal, 2), (Label::About, 2), (Label::About, 2)]);
}

#[test]
fn the_longer_phrase_speaks_and_languages_do_not_add_up() {
    let seeds = with("[legal]\nphrases = [\"zorp\", \"zorp blig\"]\nweak = [\"zorp blig frum\"]");
    assert_eq!(phrases(&seeds, "a zorp blig"), ["zorp blig"]);
    assert_eq!(phrases(&seeds, "a zorp blig frum"), ["zorp blig", "zorp blig frum"]);
    let newsletter = hits(&Seeds::built_in(), "Newsletter");
    assert_eq!(newsletter.iter().filter(|hit| hit.label == Label::Subscription).count(), 1, "{newsletter:?}");
}

#[test]
fn hits_are_capped_and_ordered() {
    let list: Vec<String> = (0..100).map(|i| format!("\"zorp{i}\"")).collect();
    let seeds = with(&format!("[legal]\nphrases = [{}]", list.join(",")));
    let line: String = (0..100).map(|i| format!("zorp{i} ")).collect();
    let found = hits(&seeds, &line);
    assert_eq!(found.len(), MAX_HITS);
    assert_eq!(found, hits(&seeds, &line));
    let mixed = hits(&with("[body]\nweak = [\"river\"]"), "subscribe now, privacy policy, all rights reserved, river");
    assert!(mixed[0].user && mixed[1..].iter().all(|hit| !hit.user));
    assert!(mixed[1..].is_sorted_by(|a, b| a.strength >= b.strength));
    let scores = label_scores(&vec![Hit { id: 0, label: Label::Legal, strength: 3, whole: false, user: false }; 200]);
    assert_eq!((scores[Label::Legal.index()], scores[Label::Body.index()]), (255, 0));
}

#[test]
fn words_that_are_known_change_nothing() {
    let seeds =
        with("[legal]\nphrases = [\"zorp\", \"c# and more\", \"^q#\", \"r&b\", \"über-uns\", \"i̇ki\", \"12 zorps\"]");
    let (mut scratch, mut words, mut plain) = (Scratch::default(), Vec::new(), 0);
    let mut check = |line: &str| {
        let (mut folded, mut out) = (String::new(), Vec::new());
        fold(line, &mut folded);
        words.clear();
        let figures = crate::features::token::read(line, &mut words, |_| false);
        plain += usize::from(figures.plain);
        seeds.hits_with(&folded, figures.plain.then_some(&words[..]), &mut scratch, &mut out);
        assert_eq!(out, hits(&seeds, line), "{line:?}");
    };
    for id in all() {
        let phrase = seeds.store.text(id).replace('#', "12");
        let upper = phrase.to_uppercase();
        for line in [&phrase, &upper, &format!("3. “{phrase}”"), &format!("– Don’t | {phrase}, {upper}… {phrase}s")]
        {
            check(line);
        }
    }
    for line in
        ["ZORP", "a zorp™ zorp", "C2 and more", "q7 c1, and more", "[2] Q7", "R&B r & b", "ÜBER-UNS İKİ", "17 zorps"]
    {
        check(line);
    }
    for line in [
        "zo\u{ad}rp",
        "ﬁzorp",
        "zorp²",
        "zorp\u{200b}zorp zorp",
        "ｚｏｒｐ",
        "zorp\u{1} c\u{1}zorp",
        "zorp zorp\u{301}",
    ] {
        check(line);
        check(&format!("{line} Zorp 記zorp"));
    }
    for line in ["zorp subscribe now ".repeat(40), format!("{}zorp", "a ".repeat(398)), "zorp".repeat(1100)] {
        check(&line);
    }
    assert!(plain > 50_000, "{plain}");
}

#[test]
fn hostile_lines_cost_no_more_than_others() {
    let seeds = with("[legal]\nphrases = [\"zorp\"]\npatterns = [\"(a+)+b\"]");
    for piece in ["subs ", "1", "1,", "# ", "の", "続きを読む", "](", "(", "a", "\u{301}", "© ", "=", "1. ", "[1]", "*"]
    {
        let line = piece.repeat(1_000_000 / piece.len());
        // A quadratic search would take minutes here.
        let start = std::time::Instant::now();
        let mut out = Vec::new();
        seeds.hits(&line, &mut out);
        assert!(out.len() <= MAX_HITS);
        assert!(start.elapsed().as_secs() < 5, "{piece:?}");
    }
}
