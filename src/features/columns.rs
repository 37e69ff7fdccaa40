//! The columns of the feature matrix: their names, and the views of them that the trees may ask about.
//!
//! A feature is a byte. Counts are put on a logarithmic scale, shares and logits on a linear one, so that a
//! threshold of a tree is a comparison of two bytes and the same on every machine. The names are part of the model
//! file: a model that asks for a name that does not exist here is refused.

macro_rules! columns {
    ($($name:ident $text:literal,)*) => {
        /// Position of each column in the matrix.
        // Many are only written as one of a run that starts with a named one.
        #[allow(non_upper_case_globals, dead_code)]
        pub(crate) mod col {
            enum Order { $($name,)* }
            $(pub(crate) const $name: usize = Order::$name as usize;)*
        }
        /// Name of each column.
        pub(crate) const NAMES: &[&str] = &[$($text,)*];
    };
}

columns! {
    Chars "characters",
    Words "words",
    WordLength "mean word length",
    Function "share of function words",
    Upper "share of upper case letters",
    Capitalised "share of capitalised words",
    AllCaps "share of words in capitals",
    Digits "share of digits",
    Ideographs "share of ideographs",
    Last "last character",
    First "first character",
    Sentences "sentence ends",
    Commas "commas",
    Separators "separators",
    Quotes "quotation marks",
    Brackets "brackets",
    Questions "question marks",
    Colons "colons",
    Links "markdown links",
    Indent "indentation",
    LowerRun "longest run of lower case words",
    Distinct "share of distinct words",
    At "at sign",
    Copyright "copyright sign",
    Currency "currency sign",
    Url "web address",
    Clock "clock time",
    Year "year",
    BlankBefore "blank lines before",
    BlankAfter "blank lines after",
    BlockRows "lines of its block",
    BlockAt "place in its block",
    BlockWords "words of its block",
    BlockLast "last character of its block",
    Marks "heading marks",
    FlowRows "lines of its passage",
    FlowWords "words of its passage",
    FlowAt "words before it in its passage",
    FlowEnds "sentence ends of its passage",
    FlowLin "words of its passage as text",
    SeedEditorial "phrases of editorial text",
    SeedByline "phrases of bylines",
    SeedNavigation "phrases of navigation",
    SeedRelated "phrases of related links",
    SeedSubscription "phrases of subscription",
    SeedMembership "phrases of membership",
    SeedAdvertising "phrases of advertising",
    SeedSharing "phrases of sharing",
    SeedComments "phrases of comments",
    SeedLegal "phrases of legal notes",
    SeedAbout "phrases of author and publisher notes",
    SeedInterface "phrases of interface",
    SeedAny "phrases of boilerplate",
    Copies "copies on the page",
    Inside "occurs inside another line",
    Before "words found in earlier lines",
    After "words found in later lines",
    Repeat "repeat of another line",
    LinKeep "its words",
    Lin0 "its words as title",
    Lin1 "its words as standfirst",
    Lin2 "its words as heading",
    Lin3 "its words as body",
    Lin4 "its words as caption",
    Lin5 "its words as byline",
    Lin6 "its words as navigation",
    Lin7 "its words as related",
    Lin8 "its words as subscription",
    Lin9 "its words as membership",
    Lin10 "its words as advertising",
    Lin11 "its words as sharing",
    Lin12 "its words as comments",
    Lin13 "its words as legal",
    Lin14 "its words as about",
    Lin15 "its words as duplicate caption",
    Lin16 "its words as duplicate quote",
    Lin17 "its words as duplicate",
    Lin18 "its words as interface",
    LinFast0 "words of the lines just before",
    LinFast1 "words of the lines just after",
    LinMid0 "words of the lines before",
    LinMid1 "words of the lines after",
    LinSlow0 "words of the part before",
    LinSlow1 "words of the part after",
    LenFast0 "length of the lines just before",
    LenFast1 "length of the lines just after",
    LenSlow0 "length of the lines before",
    LenSlow1 "length of the lines after",
    FunMid0 "function words of the lines before",
    FunMid1 "function words of the lines after",
    SeedMid0 "phrases of boilerplate before",
    SeedMid1 "phrases of boilerplate after",
    CommentsMid0 "comments before",
    CommentsMid1 "comments after",
    RelatedMid0 "related links before",
    RelatedMid1 "related links after",
    SinceComments "lines since phrases of comments",
    UntilComments "lines until phrases of comments",
    SinceRelated "lines since phrases of related links",
    UntilRelated "lines until phrases of related links",
    SinceSharing "lines since phrases of sharing",
    UntilSharing "lines until phrases of sharing",
    SinceByline "lines since phrases of bylines",
    UntilByline "lines until phrases of bylines",
    SinceLegal "lines since phrases of legal notes",
    UntilLegal "lines until phrases of legal notes",
    SinceSubscription "lines since phrases of subscription",
    UntilSubscription "lines until phrases of subscription",
    SinceEcho "lines since a short line that repeats",
    UntilEcho "lines until a short line that repeats",
    EchoesNear "short lines that repeat nearby",
    DatesNear "short lines with dates nearby",
    ShapesNear "lines of the same form nearby",
    Row "line number",
    RowsLeft "lines to the end",
    Passed "share of lines passed",
    WordsPassed "share of text passed",
    PageRows "lines of the page",
    PageWords "words of the page",
    PageMean "mean words of a line on the page",
    PageLong "share of long lines on the page",
    PageLongWords "share of words in long lines on the page",
    PageWrapped "share of lines of 60 to 82 characters on the page",
    PageBullets "share of list lines on the page",
    PageLinks "share of markdown links on the page",
    PageIdeographs "share of ideographs on the page",
    PageBlank "share of blank lines on the page",
    PageLin "mean of the words on the page",
    TypeArticle "page reads like an article",
    TypeForum "page reads like a forum",
    TypeProduct "page reads like a product",
    TypeCollection "page reads like a collection",
    TypeListing "page reads like a listing",
    TypeDocumentation "page reads like documentation",
    TypeService "page reads like a service",
    First1 "first estimate",
    FirstFlow "first estimate of its passage",
    KeptRows0 "kept lines before",
    KeptRows1 "kept lines after",
    FirstBlock "first estimate of its block",
    Near3 "kept text within 3 lines",
    Near8 "kept text within 8 lines",
    Near20 "kept text within 20 lines",
    Left5 "kept text in 5 lines before",
    Left15 "kept text in 15 lines before",
    Right5 "kept text in 5 lines after",
    Right15 "kept text in 15 lines after",
    Drop8 "removed text within 8 lines",
    FirstFast0 "estimates just before",
    FirstFast1 "estimates just after",
    FirstMid0 "estimates before",
    FirstMid1 "estimates after",
    FirstSlow0 "estimates of the part before",
    FirstSlow1 "estimates of the part after",
    SegIn "inside the main run of text",
    SegStart "lines since the main run began",
    SegEnd "lines until the main run ends",
    SegShare "share of the page in the main run",
    KeptBefore "share of kept text passed",
    KeptShare "share of kept text on the page",
    KeptWords "kept words of the page",
    GapBefore "lines since sure text",
    GapAfter "lines until sure text",
    TopicCore "topic words shared with the text",
    TopicHead "topic words shared with the head",
    TopicOut "topic words shared with the rest",
    TopicCount "topic words",
    CommentsSeen "comment-like lines passed",
    RelatedSeen "related-like lines passed",
}

/// Number of columns.
pub(crate) const COLUMNS: usize = NAMES.len();

/// The first column that only the second stage can see.
pub(crate) const SECOND: usize = col::First1;

/// A column seen from a line: that of the line itself, or of one some lines up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct View {
    pub column: u16,
    pub shift: i8,
}

impl View {
    /// The view's name, `its words@-2`.
    #[cfg_attr(not(feature = "train"), allow(dead_code))]
    pub(crate) fn name(self) -> String {
        match self.shift {
            0 => NAMES[self.column as usize].to_owned(),
            n => format!("{}@{n:+}", NAMES[self.column as usize]),
        }
    }

    /// The view with this name.
    pub(crate) fn parse(name: &str) -> Option<View> {
        let (name, shift) = match name.split_once('@') {
            Some((name, shift)) => (name, shift.parse().ok()?),
            None => (name, 0),
        };
        let column = NAMES.iter().position(|n| *n == name)? as u16;
        (i8::abs(shift) as usize <= super::PAD).then_some(View { column, shift })
    }
}

/// The views that the trees of a stage are trained on.
#[cfg_attr(not(feature = "train"), allow(dead_code))]
pub(crate) fn views(second: bool) -> Vec<View> {
    let mut views: Vec<View> =
        (0..if second { COLUMNS } else { SECOND }).map(|c| View { column: c as u16, shift: 0 }).collect();
    let mut around = |columns: &[usize], most: i8| {
        for &column in columns {
            for shift in (-most..=most).filter(|s| *s != 0) {
                views.push(View { column: column as u16, shift });
            }
        }
    };
    around(&[col::LinKeep, col::Chars], 5);
    around(&[col::Function, col::Last, col::First, col::Capitalised], 2);
    around(&[col::SeedAny], 3);
    around(&[col::Copies, col::Digits], 1);
    if second {
        around(&[col::First1], 6);
    }
    views
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_parse() {
        for view in views(true) {
            assert_eq!(View::parse(&view.name()), Some(view));
        }
        assert_eq!(View::parse("no such"), None);
        assert_eq!(View::parse("words@+99"), None);
    }
}
