//! Work for several threads whose results come out in the order of the input, with a bound on what is on the way.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Work may be on the way up to this size for every thread, unless a single piece is larger.
const ON_THE_WAY: usize = 6 << 20;

/// Calls `work` for everything that `produce` gives and `consume` with each result, in order.
///
/// `produce` says how large a piece of work is in bytes; it waits while too much is on the way, so memory is bounded
/// and whoever consumes slowly slows down everything. With one job all of it happens on the calling thread. With more,
/// `produce` has a thread, each of the `jobs` workers has one with something of its own from `setup`, and `consume`
/// has the calling thread. When `consume` fails, nothing more is started and its error is returned.
///
/// # Errors
/// What `consume` fails with.
///
/// # Panics
/// When one of the functions panics, with its panic.
pub fn in_order<T: Send, W, U: Send, E>(
    jobs: usize,
    mut produce: impl FnMut() -> Option<(T, usize)> + Send,
    setup: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, T) -> U + Sync,
    mut consume: impl FnMut(U) -> Result<(), E>,
) -> Result<(), E> {
    if jobs <= 1 {
        let mut own = setup();
        while let Some((item, _)) = produce() {
            consume(work(&mut own, item))?;
        }
        return Ok(());
    }
    let shared = Shared { limit: ON_THE_WAY * jobs, state: Mutex::new(State::default()), changed: Condvar::new() };
    let shared = &shared;
    let (setup, work) = (&setup, &work);
    thread::scope(|scope| {
        scope.spawn(move || {
            let _guard = Guard(shared);
            while let Some((item, size)) = produce() {
                if !shared.add(item, size) {
                    return;
                }
            }
            shared.lock().complete = true;
        });
        for _ in 0..jobs {
            scope.spawn(move || {
                let _guard = Guard(shared);
                let mut own = setup();
                while let Some((index, item, size)) = shared.next() {
                    let result = work(&mut own, item);
                    shared.done(index, result, size);
                }
            });
        }
        let _guard = Guard(shared);
        while let Some(result) = shared.result() {
            if let Err(error) = consume(result) {
                shared.lock().stopped = true;
                return Err(error);
            }
        }
        Ok(())
    })
}

struct Shared<T, U> {
    limit: usize,
    state: Mutex<State<T, U>>,
    changed: Condvar,
}

struct State<T, U> {
    waiting: VecDeque<(u64, T, usize)>,
    results: BTreeMap<u64, (U, usize)>,
    /// How many pieces were produced, and how many consumed.
    produced: u64,
    consumed: u64,
    /// The size of what was produced and not yet consumed.
    on_the_way: usize,
    /// Nothing more will be produced.
    complete: bool,
    /// Nobody wants results any more.
    stopped: bool,
}

impl<T, U> Default for State<T, U> {
    fn default() -> State<T, U> {
        State {
            waiting: VecDeque::new(),
            results: BTreeMap::new(),
            produced: 0,
            consumed: 0,
            on_the_way: 0,
            complete: false,
            stopped: false,
        }
    }
}

impl<T, U> Shared<T, U> {
    fn lock(&self) -> MutexGuard<'_, State<T, U>> {
        // No one panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `ready` says something, and tells the others that the state has changed.
    fn when<V>(&self, mut ready: impl FnMut(&mut State<T, U>) -> Option<V>) -> V {
        let mut state = self.lock();
        loop {
            if let Some(value) = ready(&mut state) {
                self.changed.notify_all();
                return value;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// `false` when nobody wants it.
    fn add(&self, item: T, size: usize) -> bool {
        let mut item = Some(item);
        self.when(|state| {
            if state.stopped {
                return Some(false);
            }
            if state.on_the_way > 0 && state.on_the_way + size > self.limit {
                return None;
            }
            state.on_the_way += size;
            let index = state.produced;
            state.produced += 1;
            state.waiting.extend(item.take().map(|item| (index, item, size)));
            Some(true)
        })
    }

    fn next(&self) -> Option<(u64, T, usize)> {
        self.when(|state| match state.waiting.pop_front() {
            _ if state.stopped => Some(None),
            Some(next) => Some(Some(next)),
            None => state.complete.then_some(None),
        })
    }

    fn done(&self, index: u64, result: U, size: usize) {
        self.lock().results.insert(index, (result, size));
        self.changed.notify_all();
    }

    fn result(&self) -> Option<U> {
        self.when(|state| {
            let next = state.consumed;
            if let Some((result, size)) = state.results.remove(&next) {
                state.consumed += 1;
                state.on_the_way -= size;
                return Some(Some(result));
            }
            (state.stopped || (state.complete && state.consumed == state.produced)).then_some(None)
        })
    }
}

/// Wakes everyone up when a thread ends, and stops everything when it ends with a panic.
struct Guard<'s, T, U>(&'s Shared<T, U>);

impl<T, U> Drop for Guard<'_, T, U> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().stopped = true;
        }
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn numbers(count: usize, size: usize) -> impl FnMut() -> Option<(usize, usize)> + Send {
        let mut numbers = 0..count;
        move || numbers.next().map(|number| (number, size))
    }

    #[test]
    fn results_come_in_order() {
        for jobs in [0, 1, 2, 5] {
            let mut seen = Vec::new();
            let slow_start = |_: &mut (), number: usize| {
                if number.is_multiple_of(7) {
                    thread::sleep(std::time::Duration::from_micros(200));
                }
                number * 2
            };
            let result = in_order(
                jobs,
                numbers(500, 1 << 20),
                || (),
                slow_start,
                |result| {
                    seen.push(result);
                    Ok::<_, ()>(())
                },
            );
            assert_eq!(result, Ok(()));
            assert_eq!(seen, (0..500).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_on_the_way_is_bounded() {
        let (made, used) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut largest = 0;
        let mut next = numbers(200, 4 << 20);
        let produce = || {
            made.fetch_add(1, Ordering::SeqCst);
            next()
        };
        let consume = |_| {
            largest = largest.max(made.load(Ordering::SeqCst) - used.fetch_add(1, Ordering::SeqCst));
            Ok::<_, ()>(())
        };
        in_order(3, produce, || (), |(), n| n, consume).unwrap();
        // Four are within the limit of 18 MiB, one is held by the producer, and one by the consumer.
        assert!(largest <= 6, "{largest} pieces were on the way");
        // One that is too large by itself comes through all the same.
        let mut count = 0;
        in_order(
            2,
            numbers(3, usize::MAX / 2),
            || (),
            |(), n| n,
            |_| {
                count += 1;
                Ok::<_, ()>(())
            },
        )
        .unwrap();
        assert_eq!(count, 3);
    }

    #[test]
    fn a_failure_stops_it() {
        for jobs in [1, 3] {
            let endless = || Some(((), 1 << 20));
            let mut count = 0;
            let result = in_order(
                jobs,
                endless,
                || (),
                |(), ()| (),
                |()| {
                    count += 1;
                    if count == 20 { Err("enough") } else { Ok(()) }
                },
            );
            assert_eq!((result, count), (Err("enough"), 20));
        }
    }

    #[test]
    fn a_panic_is_not_waited_for() {
        let run = |at: fn(usize) -> bool| {
            std::panic::catch_unwind(|| {
                let work = |(): &mut (), n| if at(n) { panic!("no") } else { n };
                in_order(2, numbers(10_000, 1 << 20), || (), work, |_| Ok::<_, ()>(()))
            })
        };
        assert!(run(|n| n == 77).is_err());
        assert!(run(|_| false).is_ok());
    }
}
