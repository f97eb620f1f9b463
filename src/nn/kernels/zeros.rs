//! Memory for large results.

use candle_core::WithDType;

/// A vector of zeros; a large one is asked of the system in large pages, which
/// take far fewer page faults to fill.
pub(crate) fn zeros<T: WithDType>(len: usize) -> Vec<T> {
    let zeros = vec![T::zero(); len];
    #[cfg(target_os = "linux")]
    advise_large_pages(&zeros);
    zeros
}

/// An empty vector with room for so many elements, in large pages as [`zeros`].
pub(crate) fn reserved<T: WithDType>(len: usize) -> Vec<T> {
    let mut reserved = Vec::with_capacity(len);
    #[cfg(target_os = "linux")]
    advise_large_pages(reserved.spare_capacity_mut());
    reserved
}

#[cfg(target_os = "linux")]
fn advise_large_pages<T>(memory: &[T]) {
    const PAGE: usize = 4096;
    const LARGE: usize = 4 << 20;
    let range = memory.as_ptr_range();
    let start = range.start.addr().next_multiple_of(PAGE);
    let end = range.end.addr() / PAGE * PAGE;
    if end.saturating_sub(start) < LARGE {
        return;
    }
    let skipped = start - range.start.addr();
    let start = memory.as_ptr().wrapping_byte_add(skipped);
    // SAFETY: the range is inside memory that this process owns, aligned to
    // pages, and the advice changes no content; whether the system takes it
    // makes no difference to the result, so its answer is not needed.
    unsafe {
        libc::madvise(
            start.cast_mut().cast(),
            end - start.addr(),
            libc::MADV_HUGEPAGE,
        );
    }
}
