//! Plain figures about each line's repeats, for the model to weigh.

use super::edges::{Edge, Finder, Place, least};
use super::hash::Table;
use super::memory::Memory;
use super::text::{Para, Text};

/// How a line's words occur elsewhere in the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineStats {
    /// Lines of the page with the same words, this one counted; 0 for a line without words.
    pub same: u8,
    /// Those of them that stand before this one.
    pub same_before: u8,
    /// Index in the page of the first line with the same words; `None` when it is this one.
    pub first: Option<u32>,
    /// Lines with words up to the nearest one with the same words; 255 when there is none so near.
    pub nearest: u8,
    /// Nine tenths of the words, in order, are part of a longer passage.
    pub contained: bool,
    /// The same words stood on a line that has left the window.
    pub remembered: bool,
    /// Per cent of its passages of four words that occur on lines before it.
    pub before: u8,
    /// Per cent of them that occur on lines after it.
    pub after: u8,
}

/// Figures of a page, and the tables they are counted in.
#[derive(Clone, Debug, Default)]
pub(super) struct Stats {
    lines: Vec<LineStats>,
    table: Table,
    /// By first line of its kind: how many, and the last one seen with its place among the lines with words.
    kinds: Vec<(u32, u32, u32)>,
}

impl Stats {
    pub(super) fn clear(&mut self) {
        self.lines.clear();
    }

    pub(super) fn lines(&self) -> &[LineStats] {
        &self.lines
    }

    pub(super) fn count(&mut self, text: &Text, memory: &Memory, finder: &Finder, edges: &[Option<Edge>]) {
        self.lines.clear();
        self.lines.resize(text.lines.len(), LineStats { nearest: u8::MAX, ..LineStats::default() });
        self.kinds.clear();
        self.kinds.resize(text.lines.len(), (0, 0, 0));
        if text.joined {
            self.table.reset(text.lines.len());
        }
        let mut order = 0;
        for (i, para) in lines(text) {
            order += 1;
            // Where each line is a paragraph of its own, which are the same is known.
            let first = match text.joined {
                true => self.table.get_or_insert(text.lines[i].hash, i as u32).unwrap_or(i as u32),
                false => text.paras[para.same as usize].first,
            };
            let kind = &mut self.kinds[first as usize];
            let stats = &mut self.lines[i];
            stats.same_before = kind.0.min(255) as u8;
            if first != i as u32 {
                let gap = (order - kind.2).min(255) as u8;
                (stats.first, stats.nearest) = (Some(first), gap);
                let before = &mut self.lines[kind.1 as usize];
                before.nearest = before.nearest.min(gap);
            }
            *kind = (kind.0 + 1, i as u32, order);
        }
        for (i, para) in lines(text) {
            let line = &text.lines[i];
            let edge = &edges[line.para as usize];
            let stats = &mut self.lines[i];
            stats.same = self.kinds[stats.first.map_or(i, |first| first as usize)].0.min(255) as u8;
            let words = &text.words[line.start as usize..line.end as usize];
            stats.remembered = memory.same(words, line.hash).is_some();
            stats.contained = edge
                .as_ref()
                .is_some_and(|edge| edge.found.weight >= least(para.weight) && !edge.same && edge.weight > para.weight);
            let shared = finder.shared(text, line);
            if shared.looked_up > 0 {
                let percent = |n: u32| (n * 100 / shared.looked_up) as u8;
                (stats.before, stats.after) = (percent(shared.before), percent(shared.after));
            }
            if stats.same_before > 0 || stats.remembered {
                stats.before = 100;
            }
            if stats.same > stats.same_before.saturating_add(1) {
                stats.after = 100;
            }
            if let Some(Edge { place: Place::Memory(_), found, .. }) = edge {
                let weight = para.weight.max(1);
                stats.before = stats.before.max((u64::from(found.weight) * 100 / u64::from(weight)) as u8);
            }
        }
    }
}

/// The lines that have words, and the paragraphs they are in.
fn lines(text: &Text) -> impl Iterator<Item = (usize, &Para)> {
    text.paras.iter().flat_map(|para| (para.first as usize..=para.last as usize).map(move |i| (i, para)))
}
