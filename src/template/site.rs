//! A memory made ready for looking lines up: by key, on which pages a line stands and where.
//!
//! A page that is there twice (two crawls, a copy for telephones, the text of an agency under two addresses) must not
//! turn its own article into boilerplate. So documents whose running text is mostly the same, in the same place, are
//! one page, and pages are what is counted. Running text that most of the group shares has no say in that.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::group::GroupBy;
use super::index::Index;
use super::key::{finish, mix};
use super::memory::{Group, Memory, group_for};
use super::sketch::PROSE;
use crate::sink::Document;

/// Weight of shared text from which two documents may be the same page.
const SHARED: u32 = 20;
/// Less text of its own than this, by weight, and a document has none.
const BARE: u32 = 20;
/// Keys of more documents than this join neighbours instead of all pairs, so that work stays in bounds.
const PAIRS: usize = 16;

/// Where one document has a line. A group has few documents, see [`DEEPEST`](super::memory::DEEPEST).
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    /// The page that the document is.
    pub(super) page: u16,
    /// Index of the document.
    pub(super) document: u16,
    /// Words of running text above it.
    pub(super) above: u16,
    /// Its place in sixteenths.
    pub(super) spot: u8,
}

/// The pages of one group.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// Identities of the documents, ascending.
    ids: Vec<u64>,
    /// The page that each document is.
    pub(super) page_of: Vec<u16>,
    /// Weight of the running text that each document has of its own.
    pub(super) own: Vec<u32>,
    /// Hash of all that follows.
    pub(super) fingerprint: u64,
    /// The page of the documents that have no text of their own.
    pub(super) bare: Option<u16>,
    /// How many pages there are.
    pub(super) pages: u32,
    /// The different keys of its lines.
    index: Index,
    /// Where the posts of each key begin, and at last their number.
    starts: Vec<u32>,
    /// By page, then by document.
    posts: Vec<Post>,
}

/// The documents that have a line: a range of a site's posts.
pub(super) type Posts = Range<u32>;

impl Site {
    pub(super) fn new(group: &Group) -> Site {
        let ids: Vec<u64> = group.documents.keys().copied().collect();
        // In numbers that are sorted by key, then by document.
        let mut lines: Vec<u128> = Vec::new();
        for (document, entries) in (0u64..).zip(group.documents.values()) {
            lines.extend(entries.iter().map(|entry| {
                let place = document << 32 | u64::from(entry.above) << 16 | u64::from(entry.spot);
                u128::from(entry.key) << 64 | u128::from(u64::from(entry.words) << 56 | place)
            }));
        }
        const WORDS: u64 = 0xff << 56;
        lines.sort_unstable_by_key(|line| line & !u128::from(WORDS));
        let (mut keys, mut starts, mut words) = (Vec::new(), Vec::new(), Vec::new());
        let mut posts = Vec::with_capacity(lines.len());
        for line in &lines {
            let (key, place) = ((line >> 64) as u64, *line as u64);
            if keys.last() != Some(&key) {
                keys.push(key);
                starts.push(posts.len() as u32);
                words.push((place >> 56) as u8);
            }
            posts.push(Post {
                page: 0,
                document: (place >> 32) as u16,
                above: (place >> 16) as u16,
                spot: place as u8,
            });
        }
        starts.push(posts.len() as u32);
        let places = lines.iter().map(|line| *line as u64 & !WORDS);
        let fingerprint = finish(ids.iter().chain(&keys).copied().chain(places).fold(0, mix));
        let own = vec![0; ids.len()];
        let (page_of, bare, pages, index) = (Vec::new(), None, 0, Index::new(keys));
        let mut site = Site { page_of, own, fingerprint, bare, pages, ids, index, starts, posts };
        site.find_pages(&words);
        site
    }

    /// Lines that stand on more than one page.
    fn shared(&self) -> usize {
        self.lines().filter(|posts| posts.iter().any(|post| post.page != posts[0].page)).count()
    }

    /// The documents that have each line, in the order of the keys.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[Post]> {
        self.starts.windows(2).map(|ends| &self.posts[ends[0] as usize..ends[1] as usize])
    }

    /// A line on more documents than this is the group's rather than a document's own.
    pub(super) fn common(&self) -> usize {
        (self.ids.len() / 2).max(2)
    }

    /// Looks keys up, and writes the posts of each to `found`. `places` is used on the way.
    pub(super) fn look_up(
        &self,
        keys: impl Iterator<Item = Option<u64>> + Clone,
        places: &mut Vec<Option<u32>>,
        found: &mut Vec<Posts>,
    ) {
        self.index.look_up(keys, places);
        found.clear();
        found.extend(places.iter().map(|place| match *place {
            Some(place) => self.starts[place as usize]..self.starts[place as usize + 1],
            None => 0..0,
        }));
    }

    /// The documents that have a line.
    pub(super) fn posts(&self, posts: &Posts) -> &[Post] {
        &self.posts[posts.start as usize..posts.end as usize]
    }

    fn range(&self, at: usize) -> Range<usize> {
        self.starts[at] as usize..self.starts[at + 1] as usize
    }

    /// The page that a document of this identity is.
    pub(super) fn page_with(&self, id: u64) -> Option<u16> {
        self.ids.binary_search(&id).ok().map(|document| self.page_of[document])
    }

    /// Puts documents together that are one page.
    fn find_pages(&mut self, words: &[u8]) {
        let common = self.common();
        let mut all = vec![0u32; self.ids.len()];
        let mut shared: HashMap<(u16, u16), u32> = HashMap::new();
        for (at, words) in words.iter().enumerate() {
            let (posts, words) = (&self.posts[self.range(at)], weight(*words));
            if words == 0 {
                continue;
            }
            for post in posts {
                all[usize::from(post.document)] += words;
                if posts.len() <= common {
                    self.own[usize::from(post.document)] += words;
                }
            }
            if posts.len() > common {
                continue;
            }
            for (i, a) in posts.iter().enumerate() {
                let others = &posts[i + 1..];
                let others = if posts.len() > PAIRS { &others[..others.len().min(1)] } else { others };
                for b in others.iter().filter(|b| same_place(a.above, b.above)) {
                    *shared.entry((a.document, b.document)).or_default() += words;
                }
            }
        }
        let mut sets = Sets::new(self.ids.len());
        for ((a, b), words) in shared {
            if is_same(words, self.own[usize::from(a)], self.own[usize::from(b)]) {
                sets.join(a.into(), b.into());
            }
        }
        // What has no text of its own may be copies of one page, so many that their text seems to be the group's.
        let bare = (0..self.ids.len()).filter(|document| is_bare(self.own[*document], all[*document]));
        let bare = bare.reduce(|first, document| {
            sets.join(first as u32, document as u32);
            first
        });
        (self.page_of, self.pages) = sets.numbered();
        self.bare = bare.map(|document| self.page_of[document]);
        self.posts.iter_mut().for_each(|post| post.page = self.page_of[usize::from(post.document)]);
        for at in 0..words.len() {
            let range = self.range(at);
            self.posts[range].sort_by_key(|post| post.page);
        }
    }
}

/// What a line weighs where texts are compared: paragraphs more than teasers, which differ between copies of a page.
pub(super) fn weight(words: u8) -> u32 {
    if words >= PROSE { u32::from(words - PROSE) + 2 } else { 0 }
}

/// Whether two documents with so much text of their own that share so many words of it are the same page.
pub(super) fn is_same(shared: u32, own: u32, other: u32) -> bool {
    shared >= SHARED && u64::from(shared) * 2 >= u64::from(own.min(other))
}

/// Whether a document has so little of its own in all its running text that it may be one of many copies.
pub(super) fn is_bare(own: u32, all: u32) -> bool {
    own < BARE && all >= 2 * BARE && own * 5 < all
}

/// Whether a line stands at about the same place in two texts, by the words above it.
pub(super) fn same_place(a: u16, b: u16) -> bool {
    u32::from(a.abs_diff(b)) <= 40 + u32::from(a.max(b)) / 4
}

/// Disjoint sets of documents.
struct Sets(Vec<u32>);

impl Sets {
    fn new(count: usize) -> Sets {
        Sets((0..count as u32).collect())
    }

    fn root(&mut self, of: u32) -> u32 {
        let mut at = of;
        while self.0[at as usize] != at {
            self.0[at as usize] = self.0[self.0[at as usize] as usize];
            at = self.0[at as usize];
        }
        at
    }

    /// The smaller number leads, so that the outcome does not depend on the order of joining.
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }

    /// The number of each one's set, and how many sets there are.
    fn numbered(mut self) -> (Vec<u16>, u32) {
        let mut count = 0;
        let mut numbers: Vec<u16> = Vec::with_capacity(self.0.len());
        for of in 0..self.0.len() as u32 {
            let root = self.root(of);
            let number = if root == of { count } else { numbers[root as usize] };
            count += u16::from(root == of);
            numbers.push(number);
        }
        (numbers, count.into())
    }
}

/// What is known of sites, ready to be used; cheap to share between threads.
#[derive(Clone, Debug, Default)]
pub struct Template {
    sites: BTreeMap<String, Site>,
    pub(super) by: GroupBy,
    place: String,
    member: bool,
}

impl Template {
    /// The template of the groups that documents are cleaned in: what is judged was (mostly) learned from, too. Reports
    /// call the group `place`, such as `this folder`.
    pub fn of_group(memory: &Memory, by: GroupBy, place: &str) -> Template {
        Template { member: true, ..Template::from_elsewhere(memory, by, place) }
    }

    /// A template that was learned before, from pages that are counted without the one that is judged. Reports call
    /// it `place`, such as the name of its file.
    pub fn from_elsewhere(memory: &Memory, by: GroupBy, place: &str) -> Template {
        let sites = memory.groups.iter().map(|(name, group)| (name.clone(), Site::new(group))).collect();
        Template { sites, by, place: place.to_owned(), member: false }
    }

    /// What a verdict about `document` depends on here: the same for the same, and else most probably not.
    pub fn fingerprint(&self, document: &Document) -> u64 {
        let site = if self.is_empty() { None } else { self.site(self.by.group(document).as_deref()) };
        site.map_or(0, |site| site.fingerprint)
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }

    /// The groups with more than one page, by name: the name, the pages that were looked at, and the lines that stand
    /// on more than one of them.
    pub fn found(&self) -> impl Iterator<Item = (&str, u32, usize)> {
        let sites = self.sites.iter().filter(|(_, site)| site.pages > 1);
        sites.map(|(name, site)| (name.as_str(), site.pages, site.shared()))
    }

    /// The pages of a group.
    pub(super) fn site(&self, group: Option<&str>) -> Option<&Site> {
        if self.member { self.sites.get(group?) } else { group_for(&self.sites, group) }
    }

    /// What reports say of `on` other pages with a line among `of`.
    pub(super) fn repeated(&self, on: u32, of: u32) -> Repeated {
        let one = u32::from(self.member);
        Repeated { on: on + one, of: of + one, place: self.place.clone() }
    }
}

/// On how many pages a line stands, as reports say it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeated {
    /// Pages that have the line.
    pub on: u32,
    /// Pages that were looked at.
    pub of: u32,
    /// What they are the pages of: `this folder`.
    pub place: String,
}

#[cfg(test)]
mod tests {
    use super::super::sketch::tests::sketch;
    use super::*;

    /// Running text of about `count` words in lines, different for each `seed`.
    pub(in super::super) fn text(seed: u32, count: u32) -> String {
        let word = |n: u32| {
            let n = n.wrapping_mul(0x9e37_79b1) ^ seed.wrapping_mul(0x85eb_ca6b);
            (0..6).map(|i| char::from(b'a' + (n >> (5 * i) & 15) as u8)).collect::<String>()
        };
        (0..count).map(|n| word(n) + if n % 12 == 11 { "\n" } else { " " }).collect()
    }

    fn pages(documents: &[String]) -> u32 {
        let mut memory = Memory::default();
        documents.iter().for_each(|text| memory.add("a", sketch(text)));
        Site::new(&memory.groups["a"]).pages
    }

    #[test]
    fn what_was_remembered_is_found() {
        for count in [0, 1, 2, 3, 5, 300] {
            let mut memory = Memory::default();
            let documents: Vec<_> = (0..2).map(|seed| text(seed, count * 4).replace(' ', "\n")).collect();
            documents.iter().for_each(|text| memory.add("a", sketch(text)));
            let site = Site::new(memory.groups.get("a").unwrap_or(&Group::default()));
            for (document, entries) in documents.iter().map(|text| sketch(text).entries).enumerate() {
                let id = site.ids.iter().position(|id| *id == sketch(&documents[document]).id);
                let posts = |key| posts(&site, key);
                for entry in &entries {
                    assert!(posts(entry.key).iter().any(|post| Some(usize::from(post.document)) == id));
                    assert!(posts(entry.key ^ 1).is_empty() && posts(!entry.key).is_empty());
                }
            }
            assert!(posts(&site, 0).is_empty() && posts(&site, u64::MAX).is_empty());
        }
    }

    fn posts(site: &Site, key: u64) -> Vec<Post> {
        let (mut places, mut found) = (Vec::new(), Vec::new());
        site.look_up([None, Some(key), None].into_iter(), &mut places, &mut found);
        assert!(site.posts(&found[0]).is_empty() && site.posts(&found[2]).is_empty());
        site.posts(&found[1]).to_vec()
    }

    #[test]
    fn copies_of_a_page_are_one() {
        let page = |article: &str| format!("Home\nNews\n{article}About us\n");
        let copy = format!("Mobile\n{}Another foot\n{}", text(1, 300), text(9, 24));
        assert_eq!(pages(&[page(&text(1, 300)), copy.clone()]), 1);
        let mut more: Vec<String> = (1..20).map(|seed| page(&text(seed, 300))).collect();
        assert_eq!(pages(&more), 19);
        more.push(copy);
        assert_eq!(pages(&more), 19);
        // So many copies that their text is on most documents.
        let crawls = (0..30).map(|i| format!("crawl {}\n{}", text(100 + i, 5), text(50, 300)));
        assert_eq!(pages(&more.into_iter().chain(crawls).collect::<Vec<_>>()), 20);
    }

    #[test]
    fn what_most_pages_share_does_not_make_them_one() {
        let legal = text(7, 200);
        let documents: Vec<String> = (10..20).map(|seed| format!("{}{legal}", text(seed, 60))).collect();
        assert_eq!(pages(&documents), 10);
    }

    #[test]
    fn an_article_below_another_is_not_a_copy() {
        let (a, b) = (text(1, 300), text(2, 300));
        assert_eq!(pages(&[format!("{a}Next\n{b}"), format!("{b}Next\n{a}")]), 2);
        assert_eq!(pages(&[format!("{a}Next\n{b}"), b]), 2);
    }
}
