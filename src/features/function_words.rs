//! Function words: the small words that running text is full of and menus are not.
//!
//! One list for all languages; a word that is a function word in one language and a content word in another does
//! little harm, since only their share in a line counts.

use super::token::word_hash;

const WORDS: &str = "
the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you were their
one all we can her has there been if more when will would who so no she about out up into than them only its some could these may then do
what how our your my me him us any after over also because while where during before between through against under being did does just such
der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind
noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei hatte kann gegen vom können schon wenn habe seine
de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont ou avec son aux d l s cette ont ses mais comme on lui
nous vous leur sans été était même aussi elle tout deux entre ces si dont y n qu c
el los las del y se una por con para su al lo como más o pero sus le ya este sí porque esta son entre cuando muy sin sobre ser también me hasta hay donde
quien desde todo nos durante uno ni contra ese eso
il di che e è per non un una in sono da si come con ma anche più del della dei delle nel nella alla al dal gli lo le i ha ho hanno suo sua questo questa
o um os as do da dos das em no na nos nas para com não uma por mais se foi ao ele ela são seu sua quando muito já está eu também pelo pela até isso
het een van en dat op te zijn voor met die niet aan er om ook als maar bij uit dan nog naar heeft hij ze door over zich was worden werd deze wel geen hebben
och att det som en på är av för med den till inte har de ett om han men var jag vi sig så från kan när hon nu vid ut eller efter ska skulle mycket alla
og det er på til som en av for at med de han den i har ikke om fra men et var jeg seg vi så hun ut kan nå når etter skal ble også være
w na się z do nie jest to że o jak za po ale od co przez czy być są tak dla jego już tylko ich go tym jej który która które oraz przy ze może
ve bir bu da de için ile çok olarak daha en gibi olan var ne kadar sonra o ki ama değil her ya mi olduğu ise
и в не на я что он с как это по но они мы из у за то все она так его от о же бы для или к был было были ее их до при уже если который также
і в не на що з як це до та за у він але по від його вони про для й або був було були її їх при вже якщо який також
yang dan di ke dari untuk dengan ini itu pada tidak dalam akan adalah juga oleh sebagai ada bisa saya kami mereka dia telah sudah atau karena lebih
ja on ei että se oli hän mutta kun niin ovat myös kuin sekä tai joka
a az és hogy nem is egy ez meg de volt csak már el ha mint
a na se je to že v s z do pro jako ale za by si jsou po od ve jsem
και το να του η της με για την από σε στο που οι τα τον δεν θα είναι
și în a la cu de pe din că nu o pentru mai este au care ca
และ ที่ ใน ของ は が を に の で と も た し て 的 了 在 是 我 不 和 他 这 有 也 就 이 그 는 을 를 의 에 은
va की के में है और से का को
";

/// A set of word hashes. All places where one can be are looked at at once: whether a word of running text is a function
/// word is what nobody foresees, so nothing may branch on it.
#[derive(Clone, Debug)]
pub(crate) struct FunctionWords {
    slots: Box<[u32; SLOTS + NEAR - 1]>,
}

/// Slots that hashes are sent to, 0 where there is none.
const SLOTS: usize = 2048;
/// A hash is in the slot that it is sent to or one of the next.
const NEAR: usize = 4;

impl FunctionWords {
    /// The built-in list.
    pub(crate) fn new() -> FunctionWords {
        let mut hashes: Vec<u32> = WORDS.split_whitespace().map(|word| word_hash(word).max(1)).collect();
        // In the order of their slots, each comes as near to its own as it can.
        hashes.sort_unstable_by_key(|hash| (*hash as usize % SLOTS, *hash));
        hashes.dedup();
        let mut slots = Box::new([0; SLOTS + NEAR - 1]);
        let mut free = 0;
        for hash in hashes {
            let own = hash as usize % SLOTS;
            let at = own.max(free);
            assert!(at < own + NEAR, "the built-in words do not fit their slots");
            slots[at] = hash;
            free = at + 1;
        }
        FunctionWords { slots }
    }

    /// Whether the word with this hash is one.
    #[inline(always)]
    pub(crate) fn contains(&self, hash: u32) -> bool {
        let hash = hash.max(1);
        let own = hash as usize % SLOTS;
        self.slots[own..own + NEAR].iter().fold(false, |any, slot| any | (*slot == hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_listed() {
        let words = FunctionWords::new();
        for word in WORDS.split_whitespace() {
            assert!(words.contains(word_hash(word)), "{word}");
        }
        assert!(!words.contains(word_hash("chaffinch")));
    }
}
