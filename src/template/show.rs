//! What a memory holds, for people: the lines that pages of a group share.

use super::memory::Memory;
use super::site::Site;

/// A line that several pages of a group have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedLine {
    /// Pages that have it.
    pub on: u32,
    /// Its words.
    pub words: u8,
    /// Where it mostly stands: 0 at the top of the page, 15 at its foot.
    pub spot: u8,
    /// How it begins, without its numbers and marks; empty where that was not remembered.
    pub text: String,
}

impl Memory {
    /// How many pages of a group are remembered, copies of one counted once, and the lines that two of them or more
    /// have, the most frequent first.
    pub fn shared_lines(&self, group: &str) -> (u32, Vec<SharedLine>) {
        let Some(group) = self.groups.get(group) else { return (0, Vec::new()) };
        let site = Site::new(group);
        let mut words: Vec<(u64, u8)> =
            group.documents.values().flatten().map(|entry| (entry.key, entry.words)).collect();
        words.sort_unstable();
        words.dedup_by_key(|(key, _)| *key);
        let mut lines = Vec::new();
        for ((key, words), posts) in words.into_iter().zip(site.lines()) {
            let on = posts.chunk_by(|a, b| a.page == b.page).count() as u32;
            if on < 2 {
                continue;
            }
            let mut spots: Vec<u8> = posts.iter().map(|post| post.spot).collect();
            spots.sort_unstable();
            let text = group.texts.get(&key).map_or_else(String::new, |text| text.to_string());
            lines.push(SharedLine { on, words, spot: spots[spots.len() / 2], text });
        }
        lines.sort_by(|a, b| (b.on, a.spot, &a.text).cmp(&(a.on, b.spot, &b.text)));
        (site.pages, lines)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sketch::tests::sketch;
    use super::*;

    #[test]
    fn the_most_frequent_lines_come_first() {
        let mut memory = Memory::default();
        for (i, name) in ["ferry", "quay", "mast"].iter().enumerate() {
            let more = if i > 0 { "Weather\n" } else { "" };
            memory.add("a", sketch(&format!("Home\n{name} news of the day\n{more}© 2031 Courier")));
        }
        let (pages, lines) = memory.shared_lines("a");
        let shown: Vec<(u32, &str)> = lines.iter().map(|line| (line.on, line.text.as_str())).collect();
        assert_eq!((pages, shown), (3, vec![(3, "home"), (3, "0 courier"), (2, "weather")]));
        assert_eq!(memory.shared_lines("b"), (0, Vec::new()));
    }
}
