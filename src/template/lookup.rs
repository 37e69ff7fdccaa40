//! Looking up the lines of a document as they pass by: on how many other pages each stands, and what that says.

use std::sync::Arc;

use super::key::{Keys, finish, mix};
use super::site::{Posts, Repeated, Site, Template, is_bare, is_same, same_place, weight};
use super::sketch::{IDENTITY, prose, saturated};
use super::weigh::{Facts, Scales, add, mark_own};
use crate::line::Page;
use crate::sink::Document;
use crate::window::Span;

/// Where a row of the page stands in the document.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Its line's number.
    number: u64,
    /// Words of running text above it.
    above: u32,
}

/// Looks lines up; what it remembers between windows does not grow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    template: Arc<Template>,
    group: Option<String>,
    keys: Keys,
    /// One a row of the page, like the next three.
    places: Vec<Place>,
    facts: Vec<Facts>,
    /// Where the group has the row.
    posts: Vec<Posts>,
    weights: Vec<i32>,
    found: Vec<Option<u32>>,
    scales: Scales,
    /// The rows of the window before, of which some are this one's context.
    before: (Vec<Place>, Vec<Facts>),
    /// By page of the group: whether it is the document itself.
    own: Vec<bool>,
    /// Pages that are not the document itself.
    others: u32,
    /// By document of the group: weight of the text that it shares with this one.
    shared: Vec<u32>,
}

impl Lookup {
    pub(crate) fn new(template: Arc<Template>) -> Lookup {
        Lookup { template, ..Lookup::default() }
    }

    /// A new document begins.
    pub(crate) fn start(&mut self, document: &Document) {
        self.group = if self.template.is_empty() { None } else { self.template.by.group(document) };
        self.places.clear();
        self.facts.clear();
        self.weights.clear();
        self.others = 0;
    }

    /// Looks up the lines `lines` of `page`, in order. Returns whether there was anything to look them up in.
    pub(crate) fn read(&mut self, page: &Page, lines: impl Iterator<Item = usize>, span: Span) -> bool {
        if self.template.is_empty() {
            return false;
        }
        let template = Arc::clone(&self.template);
        let Some(site) = template.site(self.group.as_deref()) else { return false };
        self.enter(page, lines);
        site.look_up(self.facts.iter().map(|facts| facts.key), &mut self.found, &mut self.posts);
        if span.first {
            self.find_own(site, span);
        }
        if self.others > 0 {
            self.count(site);
        }
        self.others > 0
    }

    /// The rows' estimates, in 1/256 logits, with what the template adds to them; whether they are the `first` that
    /// the model makes, and whether the page is probably an article.
    pub(crate) fn weigh(&mut self, logits: &[i32], first: bool, is_article: bool) -> impl Iterator<Item = i32> {
        self.scales.weigh(&self.facts, logits, is_article, &mut self.weights);
        logits.iter().zip(&self.weights).map(move |(logit, weight)| add(*logit, *weight, first))
    }

    /// What reports say of a row that stands on other pages: on how many, and what that added to the decision.
    pub(crate) fn repeated(&self, row: usize) -> Option<(Repeated, i32)> {
        let facts = self.facts.get(row).filter(|facts| facts.on > 0)?;
        Some((self.template.repeated(facts.on, facts.of), *self.weights.get(row)?))
    }

    /// Reads the keys of the lines, and what of the document is above them.
    fn enter(&mut self, page: &Page, lines: impl Iterator<Item = usize>) {
        std::mem::swap(&mut self.places, &mut self.before.0);
        std::mem::swap(&mut self.facts, &mut self.before.1);
        self.places.clear();
        self.facts.clear();
        self.weights.clear();
        let mut start = None;
        for index in lines {
            let line = page.line(index);
            let (above, unique_above) = *start.get_or_insert_with(|| self.before(line.number));
            let key = self.keys.key(line.text);
            let words = key.map_or(0, |key| key.words);
            self.places.push(Place { number: line.number, above });
            self.facts.push(Facts { key: key.map(|key| key.hash), words, unique_above, ..Facts::default() });
            start = Some((above.saturating_add(prose(words)), unique_above));
        }
    }

    /// Words of running text above the line of this number, and how many of them only this document has. A line that
    /// was not in the window before comes after it.
    fn before(&self, number: u64) -> (u32, u32) {
        let (places, facts) = &self.before;
        match (places.iter().position(|place| place.number >= number), places.last().zip(facts.last())) {
            (Some(at), _) => (places[at].above, facts[at].unique_above),
            (None, Some((place, facts))) => (place.above.saturating_add(prose(facts.words)), facts.unique_above),
            (None, None) => (0, 0),
        }
    }

    /// Finds out which pages of the group are this document: the one of the same lines, or of mostly the same text.
    fn find_own(&mut self, site: &Site, span: Span) {
        self.own.clear();
        self.own.resize(site.pages as usize, false);
        let mut keys = self.facts.iter().filter_map(|facts| facts.key);
        let first = keys.by_ref().take(IDENTITY as usize).fold((0, 0), |(id, n), key| (mix(id, key), n + 1));
        let known = span.last || first.1 == IDENTITY;
        let page = site.page_with(finish(first.0)).filter(|_| known);
        match page {
            Some(page) => self.own[usize::from(page)] = true,
            None => self.find_copies(site),
        }
        self.others = site.pages - self.own.iter().filter(|own| **own).count() as u32;
        // The document itself may be among them, unnoticed; then one page fewer is told to have the line.
        if !known && self.others == site.pages {
            self.others = self.others.saturating_sub(1);
        }
    }

    fn find_copies(&mut self, site: &Site) {
        self.shared.clear();
        self.shared.resize(site.page_of.len(), 0);
        let (mut own, mut all) = (0, 0);
        let common = site.common();
        let text = |row: &usize| weight(self.facts[*row].words) > 0;
        let mut lines: Vec<(u64, usize)> =
            (0..self.facts.len()).filter(text).filter_map(|row| Some((self.facts[row].key?, row))).collect();
        // Only a line's first place on a page was remembered.
        lines.sort_unstable();
        lines.dedup_by_key(|line| line.0);
        for (_, row) in lines {
            let words = weight(self.facts[row].words);
            all += words;
            let posts = site.posts(&self.posts[row]);
            if posts.len() > common {
                continue;
            }
            own += words;
            let above = saturated(self.places[row].above);
            for post in posts.iter().filter(|post| same_place(post.above, above)) {
                self.shared[usize::from(post.document)] += words;
            }
        }
        for (document, shared) in self.shared.iter().enumerate() {
            if is_same(*shared, own, site.own[document]) {
                self.own[usize::from(site.page_of[document])] = true;
            }
        }
        if let Some(page) = site.bare.filter(|_| is_bare(own, all)) {
            self.own[usize::from(page)] = true;
        }
    }

    /// Counts the pages on which each row stands, and where.
    fn count(&mut self, site: &Site) {
        let unsure = self.own.iter().filter(|own| !**own).count() as u32 - self.others;
        for ((facts, place), posts) in self.facts.iter_mut().zip(&self.places).zip(&self.posts) {
            facts.of = self.others;
            let here = saturated(place.above);
            // Of documents that are one page, the first counts.
            for posts in site.posts(posts).chunk_by(|a, b| a.page == b.page) {
                let post = posts[0];
                if self.own[usize::from(post.page)] {
                    continue;
                }
                facts.on += 1;
                if !same_place(post.above, here) {
                    facts.higher += u32::from(post.above < here);
                    facts.lower += u32::from(post.above > here);
                }
            }
            facts.on = facts.on.saturating_sub(unsure);
        }
        let above = self.facts.first().map_or(0, |facts| facts.unique_above);
        mark_own(&mut self.facts, above);
    }
}
