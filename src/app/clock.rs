//! Time and randomness as arguments. The only place where the real ones are asked.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time in microseconds UTC.
#[derive(Clone)]
pub struct Clock {
    now_us: Arc<dyn Fn() -> i64 + Send + Sync>,
    is_compared: bool,
}

impl Clock {
    /// A clock that asks a function, for a time that no other clock knows.
    pub fn new(now_us: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self { now_us: Arc::new(now_us), is_compared: false }
    }

    /// The same clock, which the log holds against the database's (T24).
    #[must_use]
    pub fn compared(self) -> Self {
        Self { is_compared: true, ..self }
    }

    /// Whether the log holds it against the database's.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        self.is_compared
    }

    /// The machine's clock, compared with the database's.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
        })
        .compared()
    }

    /// Microseconds UTC.
    #[must_use]
    pub fn now_us(&self) -> i64 {
        (self.now_us)()
    }
}

/// Fills a buffer with random bytes.
type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Gives random bytes.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// Randomness from a function.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// The machine's randomness.
    ///
    /// # Panics
    /// When the operating system gives none: nothing secret may be made then.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|bytes| {
            #[expect(clippy::expect_used, reason = "without randomness no secret may be made")]
            getrandom::fill(bytes).expect("randomness of the operating system");
        })
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        (self.0)(&mut out);
        out
    }
}
