//! Columns of a table that are no genes' values: row numbers in the place of names, and sums over
//! a sample's genes that other tools write beside them.

use super::gene_names::are_symbols;

/// Sums and shares over the genes of a sample, as Seurat and scanpy call them; lower case.
const ABOUT_SAMPLES: [&str; 14] = [
    "ncount_rna",
    "nfeature_rna",
    "percent.mt",
    "percent_mt",
    "pct_counts_mt",
    "total_counts",
    "total_counts_mt",
    "n_genes_by_counts",
    "n_counts",
    "n_genes",
    "numi",
    "ngene",
    "log1p_total_counts",
    "log1p_n_genes_by_counts",
];

/// Whether these names only count the rows, from 0 or 1 on.
pub(super) fn count_rows(names: &[String]) -> bool {
    let from = |first: usize| {
        let numbers = names.iter().enumerate();
        names.len() > 2
            && numbers
                .into_iter()
                .all(|(at, name)| name.parse() == Ok(at + first))
    };
    from(0) || from(1)
}

/// Which of the columns beside row numbers has the genes' names.
pub(super) fn names_beside(columns: &[Vec<String>]) -> Option<usize> {
    columns.iter().position(|column| are_symbols(column))
}

/// The columns that describe samples, of those that should be genes; their names for a remark.
fn about_samples(genes: &[String]) -> Vec<usize> {
    let known = |gene: &String| ABOUT_SAMPLES.contains(&gene.to_ascii_lowercase().as_str());
    (0..genes.len()).filter(|&at| known(&genes[at])).collect()
}

/// Genes and values (`[samples, genes]`) without columns that are about the samples.
pub(super) fn without_sums(
    samples: usize,
    genes: Vec<String>,
    values: Vec<f32>,
    warnings: &mut Vec<String>,
) -> (Vec<String>, Vec<f32>) {
    let about = about_samples(&genes);
    if about.is_empty() || about.len() == genes.len() {
        return (genes, values);
    }
    let called: Vec<&str> = about.iter().map(|&at| genes[at].as_str()).collect();
    warnings.push(format!(
        "{} are about samples and no genes; they were left out",
        called.join(", ")
    ));
    let width = genes.len();
    let kept: Vec<usize> = (0..width).filter(|at| !about.contains(at)).collect();
    let of = |sample: usize| kept.iter().map(move |gene| sample * width + gene);
    let rest = (0..samples).flat_map(of).map(|at| values[at]).collect();
    (kept.iter().map(|&at| genes[at].clone()).collect(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_numbers_are_told_from_identifiers() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(count_rows(&names(&["0", "1", "2"])));
        assert!(count_rows(&names(&["1", "2", "3", "4"])));
        assert!(!count_rows(&names(&["1", "2", "9"])));
        assert!(!count_rows(&names(&["1", "2"])));
        let beside = [names(&["x", "y"]), names(&["TP53", "MYC"])];
        assert_eq!(names_beside(&beside), Some(1));
        assert_eq!(about_samples(&names(&["TP53", "nCount_RNA"])), [1]);
    }
}
