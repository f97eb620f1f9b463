//! Complete linkage of the pairs that are similar enough, however many others are not.

use crate::error::{Error, Result};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

/// Groups by complete linkage, cut at a similarity: the two groups whose least similar pair is
/// the most similar become one, as long as all pairs between them are listed. `pairs` are all
/// pairs at or above the cut, `(item, item, similarity)`, in any order; the group of every item comes
/// out, numbered from 0 in the order of the groups' first items.
///
/// Time and memory follow the pairs listed, not the square of the items. Ties go to the items
/// that come first.
///
/// ```
/// use gsae::stats::clustering::complete_linkage;
///
/// // 0 and 1 are alike, and so are 1 and 2; 0 and 2 are not, so the closer pair wins.
/// assert_eq!(complete_linkage(4, &[(0, 1, 0.90), (1, 2, 0.95)])?, [0, 1, 1, 2]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a pair of an item with itself, with an item that is not there, or with a
/// similarity that is NaN.
pub fn complete_linkage(items: usize, pairs: &[(u32, u32, f64)]) -> Result<Vec<usize>> {
    // A group is known by its first item; `links` has the groups it may be merged with.
    let mut links: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); items];
    let mut candidates = BinaryHeap::with_capacity(pairs.len());
    for &(a, b, similarity) in pairs {
        let (first, second) = (a.min(b) as usize, a.max(b) as usize);
        if first == second || second >= items || similarity.is_nan() {
            return Err(Error::data(
                format!("({a}, {b}, {similarity}) is no pair of {items} items"),
                "Give pairs of two different items, counted from 0, with their similarity.",
            ));
        }
        links[first].insert(second, similarity);
        links[second].insert(first, similarity);
        candidates.push(Candidate {
            similarity,
            first,
            second,
        });
    }
    let mut parent: Vec<usize> = (0..items).collect();
    while let Some(Candidate {
        similarity,
        first,
        second,
    }) = candidates.pop()
    {
        // Outdated where either group has been merged since.
        if links[first].get(&second) != Some(&similarity) {
            continue;
        }
        parent[second] = first;
        let (mine, theirs) = (
            std::mem::take(&mut links[first]),
            std::mem::take(&mut links[second]),
        );
        for other in mine.keys().chain(theirs.keys()) {
            links[*other].remove(&first);
            links[*other].remove(&second);
        }
        for (other, similarity) in mine {
            let Some(second) = theirs.get(&other) else {
                continue;
            };
            let similarity = similarity.min(*second);
            links[first].insert(other, similarity);
            links[other].insert(first, similarity);
            candidates.push(Candidate {
                similarity,
                first: first.min(other),
                second: first.max(other),
            });
        }
    }
    // A group's first item comes before its others, so its number is known by then.
    let mut group = vec![0; items];
    let mut groups = 0;
    for item in 0..items {
        group[item] = match parent[item] {
            own if own == item => {
                groups += 1;
                groups - 1
            }
            first => group[first],
        };
    }
    Ok(group)
}

/// Two groups that may become one; the greatest is the next to do so.
#[derive(PartialEq)]
struct Candidate {
    similarity: f64,
    first: usize,
    second: usize,
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.similarity
            .total_cmp(&other.similarity)
            .then(other.first.cmp(&self.first))
            .then(other.second.cmp(&self.second))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
