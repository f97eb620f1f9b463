//! Figures that stand alone.
