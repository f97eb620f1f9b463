//! Every kind of figure on fixed data.

use gsae::Result;
use gsae::report::figures::*;

fn column() -> FigureOptions {
    FigureOptions {
        width: FigureWidth::Column,
        title: None,
    }
}

/// Numbers that look random and are the same everywhere.
fn wave(count: usize, shift: f64) -> Vec<f64> {
    (0..count)
        .map(|at| ((at * 37 % 101) as f64 / 50.5 - 1.0) + shift)
        .collect()
}

/// The SVG with every number rounded, so that last digits of a platform's library do not matter.
fn rounded(svg: &str) -> String {
    let mut text = String::with_capacity(svg.len());
    let mut number = String::new();
    let flush = |number: &mut String, text: &mut String| {
        match number.parse::<f64>() {
            Ok(value) if number.contains('.') => text.push_str(&format!("{value:.1}")),
            _ => text.push_str(number),
        }
        number.clear();
    };
    for c in svg.chars() {
        if c.is_ascii_digit() || c == '.' {
            number.push(c);
        } else {
            flush(&mut number, &mut text);
            text.push(c);
            if c == '>' {
                text.push('\n');
            }
        }
    }
    flush(&mut number, &mut text);
    text
}

/// The size of a drawing.
fn viewbox(svg: &str) -> (f64, f64) {
    let (_, rest) = svg.split_once("viewBox=\"0 0 ").expect("a size");
    let mut numbers = rest
        .split(['"', ' '])
        .map(|text| text.parse().expect("a number"));
    (
        numbers.next().expect("a width"),
        numbers.next().expect("a height"),
    )
}

/// How far down a text stands.
fn baseline(svg: &str, text: &str) -> Option<f64> {
    let (before, _) = svg.split_once(&format!(">{text}<"))?;
    let (_, y) = before.rsplit_once(" y=\"")?;
    y.split('"').next()?.parse().ok()
}

fn snapshot(name: &str, figure: &Figure) -> Result<()> {
    insta::assert_snapshot!(name, rounded(&figure.svg()));
    let png = figure.png()?;
    assert!(png.starts_with(b"\x89PNG"));
    // 85 mm at 300 pixels to the inch.
    let width = u32::from_be_bytes([png[16], png[17], png[18], png[19]]);
    assert!((1003..=1005).contains(&width), "{width} pixels");
    Ok(())
}

#[test]
fn training_curve() -> Result<()> {
    let curve = LossCurve {
        training: (1..=12)
            .map(|epoch| (f64::from(epoch), 1.0 / f64::from(epoch)))
            .collect(),
        validation: (1..=12)
            .map(|epoch| (f64::from(epoch), 1.2 / f64::from(epoch)))
            .collect(),
        best: 11.0,
    };
    snapshot("training", &training(&curve, &column())?)?;
    assert!(training(&LossCurve::default(), &column()).is_err());
    Ok(())
}

#[test]
fn volcano_plot() -> Result<()> {
    let entry = |at: usize, effect: f64| {
        let p = 10f64.powf(-4.0 * effect.abs());
        VolcanoEntry {
            name: format!("pathway {at}"),
            effect,
            p,
            adjusted_p: (5.0 * p).min(1.0),
        }
    };
    let mut entries: Vec<VolcanoEntry> = wave(20, 0.0)
        .into_iter()
        .enumerate()
        .map(|(at, effect)| entry(at, effect))
        .collect();
    entries[3].p = 0.0;
    entries[4].effect = f64::NAN;
    snapshot(
        "volcano",
        &volcano(&entries, "Difference", 0.05, &column())?,
    )?;
    // Nothing significant is a figure too.
    for own in &mut entries {
        own.adjusted_p = 1.0;
    }
    let svg = volcano(&entries, "Difference", 0.05, &column())?.svg();
    assert!(
        svg.contains("not significant (19)") && svg.contains("higher (0)"),
        "{svg}"
    );
    Ok(())
}

#[test]
fn groups_as_violins_and_ridges() -> Result<()> {
    let found: Vec<GroupValues> = ["control", "case"]
        .into_iter()
        .zip([0.0, 1.5])
        .map(|(name, shift)| GroupValues {
            name: name.to_owned(),
            values: wave(12, shift),
        })
        .collect();
    let options = column();
    snapshot(
        "violin",
        &groups(&found, "Activity (SD)", GroupStyle::Violin, &options)?,
    )?;
    snapshot(
        "ridge",
        &groups(&found, "Activity (SD)", GroupStyle::Ridge, &options)?,
    )?;
    let lone = [GroupValues {
        name: "one".to_owned(),
        values: vec![0.3, f64::NAN],
    }];
    groups(&lone, "Activity", GroupStyle::Ridge, &options)?.png()?;
    assert!(groups(&[], "Activity", GroupStyle::Violin, &options).is_err());
    for (name, style) in [
        ("violins", GroupStyle::Violin),
        ("ridges", GroupStyle::Ridge),
    ] {
        assert_eq!(name.parse::<GroupStyle>()?, style);
    }
    Ok(())
}

#[test]
fn embedding_in_colours() -> Result<()> {
    let points: Vec<(f64, f64)> = wave(12, 0.0)
        .into_iter()
        .zip(wave(12, 3.0).into_iter().rev())
        .collect();
    let colors = PointColors::Groups {
        levels: vec!["B".to_owned(), "T".to_owned()],
        codes: (0..12).map(|at| [Some(0), Some(1), None][at % 3]).collect(),
    };
    snapshot(
        "embedding",
        &embedding(&points, ["PC1", "PC2"], &colors, "cell type", &column())?,
    )?;
    // The legend of many groups has room in a column too.
    let many = PointColors::Groups {
        levels: (0..20).map(|at| format!("cell type {at}")).collect(),
        codes: (0..60).map(|at| Some(at % 20)).collect(),
    };
    let spots: Vec<(f64, f64)> = wave(60, 0.0).into_iter().zip(wave(60, 1.0)).collect();
    let svg = embedding(&spots, ["PC1", "PC2"], &many, "cell type", &column())?.svg();
    let (_, height) = viewbox(&svg);
    for at in 0..20 {
        let y = baseline(&svg, &format!("cell type {at} (3)"));
        assert!(y.is_some_and(|y| y < height), "{at}: {y:?} of {height}");
    }
    for colors in [
        PointColors::None,
        PointColors::Numbers(wave(12, 0.0)),
        PointColors::Activity(vec![f64::NAN; 12]),
    ] {
        embedding(&points, ["PC1", "PC2"], &colors, "x", &column())?.png()?;
    }
    Ok(())
}

#[test]
fn heatmap_with_a_track() -> Result<()> {
    let data = HeatmapData {
        rows: ["one", "two", "two", "three"].map(str::to_owned).to_vec(),
        values: (0..4)
            .map(|row| wave(6, f64::from(row % 2) - 0.5))
            .collect(),
        tracks: vec![Track {
            name: "kind".to_owned(),
            levels: vec!["a".to_owned(), "b".to_owned()],
            codes: [Some(0), Some(1), None, Some(0), Some(1), Some(1)].to_vec(),
        }],
    };
    snapshot("heatmap", &heatmap(&data, &column())?)?;
    let one = HeatmapData {
        rows: vec!["alone".to_owned()],
        values: vec![vec![f64::NAN]],
        tracks: Vec::new(),
    };
    heatmap(&one, &column())?.png()?;
    assert!(heatmap(&HeatmapData::default(), &column()).is_err());
    Ok(())
}

#[test]
fn loadings_of_a_superset() -> Result<()> {
    let entries: Vec<(String, f64)> = wave(8, 0.1)
        .into_iter()
        .enumerate()
        .map(|(at, r)| (format!("set {at}"), r))
        .collect();
    snapshot("loadings", &loadings(&entries, "Correlation", &column())?)
}

#[test]
fn running_sum_of_a_set() -> Result<()> {
    let statistics: Vec<f64> = (0..40).map(|rank| 4.0 - 0.2 * f64::from(rank)).collect();
    let in_set: Vec<bool> = (0..40).map(|rank| rank % 5 == 1 || rank < 3).collect();
    let walk = RunningSum::new(&statistics, &in_set).expect("a walk");
    snapshot("running_sum", &running_sum(&walk, "t", &column())?)
}

#[test]
fn survival_with_the_number_at_risk() -> Result<()> {
    let group = |name: &str, scale: f64| SurvivalGroup {
        name: name.to_owned(),
        times: wave(15, 1.1).into_iter().map(|time| time * scale).collect(),
        events: (0..15).map(|at| at % 4 != 0).collect(),
    };
    let groups = [group("high", 5.0), group("low", 12.0)];
    snapshot(
        "survival",
        &survival(&groups, "Months", Some(0.0123), &column())?,
    )
}

#[test]
fn evidence_of_nodes() -> Result<()> {
    let point = |at: usize, value: f64| EvidencePoint {
        name: format!("pathway {at}"),
        stability: 0.8 + 0.2 * value,
        map_p: 10f64.powf(-2.0 * value.abs()),
        passes: value > 0.6,
    };
    let points: Vec<EvidencePoint> = wave(20, 0.0)
        .into_iter()
        .enumerate()
        .map(|(at, value)| point(at, value))
        .collect();
    snapshot("evidence", &evidence(&points, &column())?)
}

#[test]
fn membership_around_a_set() -> Result<()> {
    let node = |name: &str, genes: &[&str]| MembershipNode {
        name: name.to_owned(),
        genes: genes.iter().map(|&gene| gene.to_owned()).collect(),
    };
    let sets = [
        node("Interferon", &["ISG15", "IFI6", "MX1", "STAT1"]),
        node("Antiviral", &["ISG15", "MX1"]),
        // A set may be called like a gene.
        node("STAT1", &["STAT1"]),
    ];
    snapshot("membership", &membership(&sets, &column())?)?;
    // Names are drawn as they are, whole names of one word too.
    let sets = [
        node("$x$ & <b>", &["ISG15"]),
        node(&"A".repeat(500), &["ISG15"]),
        node("", &[]),
    ];
    let figure = membership(&sets, &column())?;
    let svg = figure.svg();
    assert!(svg.contains("$x$") && svg.contains("&lt;b&gt;") && !svg.contains("<b>"));
    figure.png()?;
    assert!(membership(&[node("empty", &[])], &column()).is_err());
    Ok(())
}

#[test]
fn hostile_names_are_drawn_as_they_are() -> Result<()> {
    let names = [
        "</text><script>alert(1)</script>",
        "$\\frac{a}{b}$ & \"quotes\"",
        "\u{0}\u{7} control",
        &"long ".repeat(300),
        "",
    ];
    let entries: Vec<(String, f64)> = names.iter().map(|&name| (name.to_owned(), 0.5)).collect();
    let options = FigureOptions {
        width: FigureWidth::Page,
        title: Some("<b>$x$</b>".to_owned()),
    };
    let figure = loadings(&entries, "<r>", &options)?;
    let svg = figure.svg();
    assert!(
        !svg.contains("<script") && !svg.contains("<b>") && !svg.contains("<r>"),
        "{svg}"
    );
    assert!(
        svg.contains("$x$") && svg.contains("viewBox=\"0 0 "),
        "{svg}"
    );
    assert!(svg.starts_with("<svg") && svg.contains("width=\"170.00mm\""));
    figure.png()?;
    Ok(())
}
