//! Over-representation: more genes of a set in a list than chance would put there.

use super::check_sets;
use crate::error::{Error, Result};
use crate::stats::hypothesis::benjamini_hochberg;

/// Fisher's exact test of a table of counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FisherExact {
    /// `a d / (b c)`; infinite if only `b c` is 0, NaN if both products are.
    pub odds_ratio: f64,
    /// `P(A >= a)`: the upper tail.
    pub greater: f64,
    /// `P(A <= a)`: the lower tail.
    pub less: f64,
    /// The chance of all tables no likelier than this one.
    pub two_sided: f64,
}

/// Tables are equally likely if their chances differ by less than this share.
const EQUAL: f64 = 1e-7;

/// Fisher's exact test (Fisher 1922, JRSS 85:87) of the table `[[a, b], [c, d]]`: with all
/// margins given, a is hypergeometric.
///
/// The chances are products of ratios of neighbouring terms, outwards from the likeliest, and
/// divided by their sum, so that even tails of 1e-250 keep twelve digits. Time and memory follow
/// the smallest margin.
///
/// ```
/// use gsae::stats::enrichment::fisher_exact;
///
/// let test = fisher_exact([[3, 9], [7, 81]]);
/// assert!((test.greater - 0.098_101_126_797).abs() < 1e-12);
/// assert!((test.odds_ratio - 27.0 / 7.0).abs() < 1e-15);
/// ```
pub fn fisher_exact(table: [[u64; 2]; 2]) -> FisherExact {
    let [[a, b], [c, d]] = table;
    let product = |x: u64, y: u64| x as f64 * y as f64;
    let (row, column, total) = (a + b, a + c, a + b + c + d);
    // The overlap of `row` draws with `column` marked of `total` is between these.
    let least = (row + column).saturating_sub(total);
    let most = row.min(column);
    let mode = ((row as f64 + 1.0) * (column as f64 + 1.0) / (total as f64 + 2.0)) as u64;
    let mode = mode.clamp(least, most);
    // chance(x + 1) / chance(x)
    let ratio =
        |x: u64| product(row - x, column - x) / product(x + 1, total + x + 1 - row - column);
    let mut chances = vec![0.0; (most - least + 1) as usize];
    let at = |x: u64| (x - least) as usize;
    chances[at(mode)] = 1.0;
    for x in mode..most {
        chances[at(x + 1)] = chances[at(x)] * ratio(x);
    }
    for x in (least..mode).rev() {
        chances[at(x)] = chances[at(x + 1)] / ratio(x);
    }
    let sum: f64 = chances.iter().sum();
    let own = chances[at(a)];
    // The small terms first. A tail that holds the bulk is what the other tail leaves.
    let upper = || chances[at(a)..].iter().rev().sum::<f64>() / sum;
    let lower = || chances[..=at(a)].iter().sum::<f64>() / sum;
    let unlikely = chances
        .iter()
        .filter(|chance| **chance <= own * (1.0 + EQUAL));
    FisherExact {
        odds_ratio: product(a, d) / product(b, c),
        greater: upper().min(1.0),
        less: lower().min(1.0),
        two_sided: (unlikely.sum::<f64>() / sum).min(1.0),
    }
}

/// How a list of genes overlaps a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverRepresentation {
    /// Genes in both.
    pub overlap: usize,
    /// Genes of the set in the background.
    pub set_size: usize,
    /// The overlap expected by chance: `set list / background`.
    pub expected: f64,
    /// The test of the table list or not by set or not; `greater` is the p-value.
    pub test: FisherExact,
    /// `greater` adjusted for all sets (Benjamini & Hochberg); the same for a single one.
    pub adjusted_p: f64,
}

/// Tests an overlap: of `background` genes, `list` are in the list, `set` in the set, `overlap`
/// in both. The p-value `P(X >= overlap)` is hypergeometric.
///
/// ```
/// use gsae::stats::enrichment::over_representation;
///
/// let found = over_representation(80, 200, 500, 16_000)?;
/// assert_eq!(found.expected, 6.25);
/// assert!((found.test.greater / 4.045_016_214_533_3e-68 - 1.0).abs() < 1e-10);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for numbers that no list, set and background can have.
pub fn over_representation(
    overlap: usize,
    set: usize,
    list: usize,
    background: usize,
) -> Result<OverRepresentation> {
    if overlap > set.min(list) || set.max(list) > background || set + list > background + overlap {
        return Err(Error::data(
            format!(
                "a list of {list} and a set of {set} out of {background} genes cannot share \
                 {overlap}"
            ),
            "Count the list and the set within the background only.",
        ));
    }
    let neither = background + overlap - set - list;
    let table = [
        [overlap as u64, (list - overlap) as u64],
        [(set - overlap) as u64, neither as u64],
    ];
    let test = fisher_exact(table);
    Ok(OverRepresentation {
        overlap,
        set_size: set,
        expected: set as f64 * list as f64 / background as f64,
        test,
        adjusted_p: test.greater,
    })
}

/// [`over_representation`] of every set in a list, with adjusted p-values. The background is
/// `0..background`, and holds the list and the sets.
///
/// ```
/// use gsae::stats::enrichment::over_representation_of_sets;
///
/// let found = over_representation_of_sets(&[0, 1, 2], &[vec![0, 1, 2], vec![2, 8, 9]], 10)?;
/// assert_eq!(found[0].overlap, 3);
/// assert!((found[0].test.greater - 1.0 / 120.0).abs() < 1e-15);
/// assert!((found[0].adjusted_p - 2.0 / 120.0).abs() < 1e-15);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for a gene outside the background or twice in the list or in a set.
pub fn over_representation_of_sets<S: AsRef<[u32]>>(
    list: &[u32],
    sets: &[S],
    background: usize,
) -> Result<Vec<OverRepresentation>> {
    super::check_set(list, 1, &mut vec![0; background]).map_err(|_| {
        Error::data(
            format!("the gene list does not fit a background of {background} genes"),
            "List every gene once, and only genes of the background.",
        )
    })?;
    check_sets(sets, background)?;
    let mut listed = vec![false; background];
    for &gene in list {
        listed[gene as usize] = true;
    }
    let mut found = Vec::with_capacity(sets.len());
    for set in sets {
        let set = set.as_ref();
        let overlap = set.iter().filter(|gene| listed[**gene as usize]).count();
        found.push(over_representation(
            overlap,
            set.len(),
            list.len(),
            background,
        )?);
    }
    let p: Vec<f64> = found.iter().map(|found| found.test.greater).collect();
    for (found, adjusted) in found.iter_mut().zip(benjamini_hochberg(&p)?) {
        found.adjusted_p = adjusted;
    }
    Ok(found)
}
