//! The library as others use it: shared between threads, without the command line.

use std::sync::Arc;
use std::thread;

use chaffinch::report::{CleanText, Diff, Html, Jsonl, Stats};
use chaffinch::{
    Answers, Classifier, Cleaner, Document, Error, Evidence, Label, LabelSet, Line, Model, Options, Page, Seeds,
    Settings, Summary, Template, Verdict,
};

mod support;

#[test]
fn types_go_between_threads() {
    fn both<T: Send + Sync + 'static>() {}
    both::<Model>();
    both::<Seeds>();
    both::<Answers>();
    both::<Template>();
    both::<Classifier>();
    both::<Cleaner<Classifier>>();
    both::<Settings>();
    both::<Options>();
    both::<Document>();
    both::<Summary>();
    both::<Verdict>();
    both::<Evidence>();
    both::<Label>();
    both::<LabelSet>();
    both::<Line<'static>>();
    both::<Page>();
    both::<Error>();
    both::<Stats>();
    both::<CleanText<Vec<u8>>>();
    both::<Diff<Vec<u8>>>();
    both::<Jsonl<Vec<u8>>>();
    both::<Html<Vec<u8>>>();
}

/// Model and seeds are loaded once; every thread has a copy of the classifier and gets what a single one gets.
#[test]
fn threads_share_what_is_large() {
    let (model, seeds) = (Arc::new(Model::built_in().unwrap()), Arc::new(Seeds::built_in()));
    let judge = Classifier::new(Arc::clone(&model), Arc::clone(&seeds), Settings::default()).unwrap();
    let clean = |judge: Classifier| {
        let mut out = CleanText::new(Vec::new());
        let mut cleaner = Cleaner::new(judge, &Options::default());
        cleaner.clean(support::SCRAPE.as_bytes(), Document::new("a.txt"), &mut out).unwrap();
        out.into_inner()
    };
    let alone = clean(judge.clone());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| clean(judge.clone()))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}
