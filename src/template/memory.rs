//! What was learned of sites: a bounded sample of the documents of each group.
//!
//! Counting needs a bound that does not depend on the order in which documents come. So of each group the documents
//! with the lowest identities stay, which are hashes and so no better or worse than the others, and everything that is
//! counted is counted over them. What stays is a function of the set of documents: it is the same for any order and
//! any number of threads, memories can be put together in any order, and a document that is learned twice counts once.
//!
//! The bound is on documents over all groups ([`Limits::documents`]). Beyond it the sample of every group gets smaller
//! together (512 documents, 256, … [`SHALLOWEST`]), and where even that does not do, groups are left out, those with
//! the highest hashes of their names first.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use super::key::hash;
use super::sketch::{Entry, Sketch};

/// Documents of a group that are remembered at most.
pub(super) const DEEPEST: u32 = 512;
/// Documents of a group that are remembered however many groups there are.
pub(super) const SHALLOWEST: u32 = 4;

/// How much is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Documents over all groups. One takes 16 bytes for each different line of it, at most 16 KiB.
    pub documents: usize,
}

impl Default for Limits {
    /// 16,384 documents: some 40 MB with common pages, 260 MB at worst, and once more as much for the template that is
    /// made of them. So 32 groups have the largest sample, and 4,096 the smallest.
    fn default() -> Limits {
        Limits { documents: 16_384 }
    }
}

/// The documents of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The sample, by identity.
    pub(super) documents: BTreeMap<u64, Box<[Entry]>>,
    /// What lines say, by key. May hold more than the sample needs until it is [pruned](Group::prune).
    pub(super) texts: BTreeMap<u64, Box<str>>,
    /// Documents that left the sample since the texts were pruned.
    stale: usize,
}

impl Group {
    /// Whether a document of this identity is one of so many with the lowest.
    fn is_open(&self, id: u64, depth: u32) -> bool {
        self.documents.len() < depth as usize || self.documents.last_key_value().is_some_and(|(last, _)| id <= *last)
    }

    /// Whether a document is in the sample now.
    fn add(&mut self, sketch: Sketch, depth: u32) {
        if !self.is_open(sketch.id, depth) {
            return;
        }
        match self.documents.entry(sketch.id) {
            // Equal in their first lines, so one document; which of the two must not depend on the order.
            Slot::Occupied(mut slot) if *sketch.entries < **slot.get() => _ = slot.insert(sketch.entries),
            Slot::Occupied(_) => {}
            Slot::Vacant(slot) => _ = slot.insert(sketch.entries),
        }
        self.texts.extend(sketch.texts);
        self.cut(depth);
    }

    fn cut(&mut self, depth: u32) {
        while self.documents.len() > depth as usize {
            self.documents.pop_last();
            self.stale += 1;
        }
        if self.stale > depth as usize {
            self.prune();
        }
    }

    /// Forgets the texts that no document of the sample has.
    fn prune(&mut self) {
        self.stale = 0;
        if self.texts.is_empty() {
            return;
        }
        let mut keys: Vec<u64> = self.documents.values().flat_map(|lines| lines.iter().map(|line| line.key)).collect();
        keys.sort_unstable();
        self.texts.retain(|key, _| keys.binary_search(key).is_ok());
    }
}

/// What was learned of any number of groups.
#[derive(Clone, Debug)]
pub struct Memory {
    limits: Limits,
    /// Documents that a group may have.
    pub(super) depth: u32,
    /// Groups whose names have a hash above this are left out.
    pub(super) highest: u64,
    pub(super) groups: BTreeMap<String, Group>,
    /// Documents over all groups.
    documents: usize,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new(Limits::default())
    }
}

impl PartialEq for Memory {
    /// Whether the same was learned.
    fn eq(&self, other: &Memory) -> bool {
        (self.depth, self.highest, &self.groups) == (other.depth, other.highest, &other.groups)
    }
}

impl Memory {
    /// A memory that knows nothing yet.
    pub fn new(limits: Limits) -> Memory {
        Memory { limits, depth: DEEPEST, highest: u64::MAX, groups: BTreeMap::new(), documents: 0 }
    }

    /// A memory put together again, which must be within its limits or be merged into one that is.
    pub(super) fn of_parts(depth: u32, highest: u64, groups: BTreeMap<String, Group>) -> Memory {
        let documents = groups.values().map(|group| group.documents.len()).sum();
        Memory { limits: Limits::default(), depth, highest, groups, documents }
    }

    /// Whether a document of this identity would be remembered now. If not, it never will be.
    pub(super) fn is_open(&self, group: &str, id: u64) -> bool {
        let is_lower = |group: &Group| group.is_open(id, self.depth);
        self.groups.get(group).is_none_or(is_lower) && hash(group.as_bytes()) <= self.highest
    }

    /// Remembers a document of a group, if it belongs to the sample.
    pub fn add(&mut self, group: &str, sketch: Sketch) {
        if sketch.is_empty() || hash(group.as_bytes()) > self.highest {
            return;
        }
        let known = match self.groups.get_mut(group) {
            Some(known) => known,
            None => self.groups.entry(group.to_owned()).or_default(),
        };
        let before = known.documents.len();
        known.add(sketch, self.depth);
        self.documents = self.documents - before + known.documents.len();
        self.shrink();
    }

    /// Adds what another memory learned. The result is the same as if this one had seen all of the documents.
    pub fn merge(&mut self, other: Memory) {
        let (depth, highest) = (self.depth.min(other.depth), self.highest.min(other.highest));
        for (name, theirs) in other.groups {
            let mine = self.groups.entry(name).or_default();
            for (id, entries) in theirs.documents {
                mine.add(Sketch { id, entries, texts: Vec::new() }, DEEPEST);
            }
            mine.texts.extend(theirs.texts);
        }
        self.tighten(depth, highest);
        self.shrink();
    }

    /// Adds to each group what `other` knows of it. What was learned elsewhere may have gone by a shorter way to the
    /// same folder, and where all of it is one group, it is about every group.
    pub fn consult(&mut self, other: &Memory) {
        for (name, mine) in &mut self.groups {
            let Some(theirs) = group_for(&other.groups, Some(name)) else { continue };
            for (id, entries) in &theirs.documents {
                mine.add(Sketch { id: *id, entries: entries.clone(), texts: Vec::new() }, self.depth);
            }
        }
        self.documents = self.groups.values().map(|group| group.documents.len()).sum();
        self.shrink();
    }

    /// Whether nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Names of the groups, and how many documents of each are remembered.
    pub fn groups(&self) -> impl Iterator<Item = (&str, usize)> {
        self.groups.iter().map(|(name, group)| (name.as_str(), group.documents.len()))
    }

    /// Forgets what lines say where no document that is remembered has them.
    pub(super) fn prune(&mut self) {
        self.groups.values_mut().for_each(Group::prune);
    }

    /// Keeps within the limit. As fewer documents never ask for a smaller sample, the sizes that are left at the end
    /// do not depend on the order in which the documents came.
    fn shrink(&mut self) {
        while self.documents > self.limits.documents {
            let (depth, highest) = match self.depth {
                ..=SHALLOWEST if self.highest == 0 => return,
                ..=SHALLOWEST => (self.depth, self.highest / 2),
                depth => (depth / 2, self.highest),
            };
            self.tighten(depth, highest);
        }
    }

    fn tighten(&mut self, depth: u32, highest: u64) {
        (self.depth, self.highest) = (depth, highest);
        self.groups.retain(|name, _| hash(name.as_bytes()) <= highest);
        self.groups.values_mut().for_each(|group| group.cut(depth));
        self.documents = self.groups.values().map(|group| group.documents.len()).sum();
    }
}

/// What is meant by a group of this name among groups that were learned elsewhere.
pub(super) fn group_for<'g, G>(groups: &'g BTreeMap<String, G>, name: Option<&str>) -> Option<&'g G> {
    let ways = std::iter::successors(name, |way| Some(way.split_once('/')?.1));
    let mut known = ways.filter_map(|way| groups.get(way));
    known.next().or_else(|| groups.values().next().filter(|_| groups.len() == 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sketch::tests::sketch;
    use super::*;

    fn learned<'a>(limits: Limits, documents: impl IntoIterator<Item = &'a (String, String)>) -> Memory {
        let mut memory = Memory::new(limits);
        documents.into_iter().for_each(|(group, text)| memory.add(group, sketch(text)));
        memory.prune();
        memory
    }

    fn merged(a: &Memory, b: &Memory) -> Memory {
        let mut memory = a.clone();
        memory.merge(b.clone());
        memory.prune();
        memory
    }

    fn documents() -> impl Strategy<Value = Vec<(String, String)>> {
        let text = prop::collection::vec("[a-e]{1,3}( [0-9a-c]{1,2}){0,3}", 0..6).prop_map(|lines| lines.join("\n"));
        prop::collection::vec(("[a-h]", text), 0..60)
    }

    proptest! {
        /// With limits small enough that groups are cut and left out.
        #[test]
        fn what_is_learned_is_a_function_of_the_set(
            documents in documents(), cut in 0.0..1.0, seed in any::<u64>(), limit in 3usize..60,
        ) {
            let limits = Limits { documents: limit };
            let whole = learned(limits, &documents);
            prop_assert!(whole.groups().map(|(_, count)| count).sum::<usize>() <= limit);
            let mut shuffled = documents.clone();
            shuffled.sort_by_key(|(group, text)| hash(format!("{seed}{group}{text}").as_bytes()));
            prop_assert_eq!(&learned(limits, &shuffled), &whole, "order");
            prop_assert_eq!(&learned(limits, documents.iter().chain(&documents)), &whole, "twice");
            let (front, back) = shuffled.split_at((shuffled.len() as f64 * cut) as usize);
            let (a, b) = (learned(limits, front), learned(limits, back));
            prop_assert_eq!(&merged(&a, &b), &whole, "in two parts");
            prop_assert_eq!(&merged(&b, &a), &whole, "in two parts, the other first");
            prop_assert_eq!(&merged(&whole, &whole), &whole, "with itself");
            prop_assert_eq!(&merged(&whole, &a), &whole, "with a part of itself");
            let (c, d) = a.groups().count().checked_rem(2).map_or((&a, &b), |_| (&b, &a));
            prop_assert_eq!(merged(&merged(c, d), &whole), merged(c, &merged(d, &whole)), "associative");
        }
    }

    #[test]
    fn many_documents_of_many_groups_stay_within_the_limit() {
        let mut memory = Memory::new(Limits { documents: 1000 });
        for i in 0..20_000u32 {
            let word = |n: u32| char::from_u32(0x1000 + n).unwrap();
            memory.add(&format!("site {}", i % 100), sketch(&format!("Home\n{}x\n{}y", word(i / 100), word(i % 100))));
            assert!(memory.documents <= 1000);
        }
        assert_eq!((memory.depth, memory.groups.len()), (8, 100));
        for i in 0..20_000u32 {
            memory.add(&format!("other {i}"), sketch("Home"));
        }
        assert!(memory.documents <= 1000 && memory.depth == SHALLOWEST && memory.groups.len() > 400);
        let texts: usize = memory.groups.values().map(|group| group.texts.len()).sum();
        assert!(texts < 3 * 3 * 1000, "{texts}");
    }

    #[test]
    fn what_is_known_of_a_folder_is_found_again() {
        let documents = [("quay/news", "Home"), ("mast", "Home\nNews")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let both = learned(Limits::default(), &documents);
        let known = |name| group_for(&both.groups, name).map(|group| group.documents.len());
        assert_eq!((known(Some("quay/news")), known(Some("data/quay/news"))), (Some(1), Some(1)));
        assert_eq!((known(Some("news")), known(None)), (None, None));
        let one = learned(Limits::default(), &documents[..1]);
        assert!(group_for(&one.groups, Some("other")).is_some() && group_for(&one.groups, None).is_some());
        let mut mine = learned(Limits::default(), &[("a/mast".to_owned(), "Sport".to_owned())]);
        mine.consult(&both);
        assert_eq!(mine.groups().collect::<Vec<_>>(), [("a/mast", 2)]);
    }

    #[test]
    fn nothing_is_learned_from_nothing() {
        let mut memory = Memory::default();
        memory.add("a", sketch("12\n\n* * *"));
        assert!(memory.is_empty());
    }
}
