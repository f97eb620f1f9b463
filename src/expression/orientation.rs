//! Which side of a table has the genes.

use crate::identifiers::looks_like_gene;

/// Whether the row names, rather than the column names, are genes, and a remark if neither side
/// looks like genes. `rows` and `columns` are the names on the two sides.
pub(super) fn genes_are_rows(rows: &[String], columns: &[String]) -> (bool, Option<String>) {
    let share = |names: &[String]| {
        let step = names.len().div_ceil(2000).max(1);
        let sampled: Vec<&String> = names.iter().step_by(step).collect();
        let genes = sampled.iter().filter(|name| looks_like_gene(name)).count();
        genes as f64 / sampled.len().max(1) as f64
    };
    let (row_share, column_share) = (share(rows), share(columns));
    if row_share.max(column_share) < 0.05 {
        let rows_win = rows.len() >= columns.len();
        let taken = if rows_win { "rows" } else { "columns" };
        let remark = format!(
            "neither side of the table has gene names that are known; the longer one ({taken}) \
             was taken for the genes. --genes-as rows|columns decides"
        );
        return (rows_win, Some(remark));
    }
    (row_share >= column_share, None)
}

/// Names that Excel made dates of: `1-Mar`, `Sep-02`, `2023-03-01`, `01/03/2023`.
pub(super) fn looks_like_date(name: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let digits = |text: &str, widest: usize| {
        !text.is_empty() && text.len() <= widest && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let month = |text: &str| MONTHS.contains(&text.to_ascii_lowercase().as_str());
    let parts: Vec<&str> = name.split(['-', '/']).collect();
    match parts.as_slice() {
        [day, name] if digits(day, 4) && month(name) => true,
        [name, day] if digits(day, 4) && month(name) => true,
        [a, b, c] => digits(a, 4) && (digits(b, 2) || month(b)) && digits(c, 4),
        _ => false,
    }
}

/// A remark on gene names that look like dates.
pub(super) fn date_warning(genes: &[String]) -> Option<String> {
    let dates: Vec<&str> = genes
        .iter()
        .map(String::as_str)
        .filter(|name| looks_like_date(name))
        .collect();
    (!dates.is_empty()).then(|| {
        format!(
            "{} gene names look like dates that a spreadsheet made of symbols such as MARCHF1 or \
             SEPTIN2 ({}); they will match no gene set. Export the table again without the \
             spreadsheet",
            dates.len(),
            dates[..dates.len().min(5)].join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_genes() {
        for date in [
            "1-Mar",
            "2-Sep",
            "Mar-01",
            "2023-03-01",
            "01/03/2023",
            "1-DEC",
        ] {
            assert!(looks_like_date(date), "{date}");
        }
        for gene in [
            "HLA-A", "MARCH1", "1-A", "NKX2-1", "SEPTIN2", "AC-12-3", "7SK",
        ] {
            assert!(!looks_like_date(gene), "{gene}");
        }
    }
}
