//! The tokens as egui's own style, for the few stock widgets: text fields, scroll bars, menus, tooltips.

use std::sync::Arc;

use egui::{CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, vec2};

use super::tokens::{Theme, Tokens, size};

/// Running text.
pub(crate) fn body(points: f32) -> FontId {
    FontId::new(points, FontFamily::Proportional)
}

/// Semi-bold text.
pub(crate) fn strong(points: f32) -> FontId {
    FontId::new(points, FontFamily::Name(super::fonts::STRONG.into()))
}

/// Addresses, numbers, bytes. The letters of this face are small for their size.
pub(crate) fn mono(points: f32) -> FontId {
    FontId::new(points * 1.04, FontFamily::Monospace)
}

/// Makes egui look like the tokens of a theme, if it does not yet.
pub(crate) fn keep(context: &egui::Context, theme: Theme) {
    let key = egui::Id::unique("rtclab theme");
    let applied: Option<bool> = context.data(|data| data.get_temp(key));
    let wanted = theme == Theme::Dark;
    if applied != Some(wanted) {
        context.data_mut(|data| data.insert_temp(key, wanted));
        apply(context, theme);
    }
}

fn apply(context: &egui::Context, theme: Theme) {
    let preference = match theme {
        Theme::Dark => egui::Theme::Dark,
        Theme::Light => egui::Theme::Light,
    };
    context.set_theme(preference);
    context.set_style_of(preference, Arc::new(style(theme)));
}

fn style(theme: Theme) -> Style {
    let tokens = theme.tokens();
    let mut style = Style::default();
    style.visuals = match theme {
        Theme::Dark => egui::Visuals::dark(),
        Theme::Light => egui::Visuals::light(),
    };
    style.text_styles = [
        (TextStyle::Heading, strong(size::HEADLINE)),
        (TextStyle::Body, body(size::BODY)),
        (TextStyle::Button, body(size::BODY)),
        (TextStyle::Small, body(size::CAPTION)),
        (TextStyle::Monospace, mono(size::BODY)),
    ]
    .into();
    style.animation_time = 0.0;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    style.spacing.item_spacing = vec2(size::GAP, 0.0);
    style.spacing.button_padding = vec2(10.0, 4.0);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.tooltip_width = 360.0;
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    visuals(&mut style.visuals, tokens);
    style
}

fn visuals(visuals: &mut egui::Visuals, tokens: &Tokens) {
    visuals.override_text_color = Some(tokens.text);
    visuals.weak_text_color = Some(tokens.muted);
    visuals.panel_fill = tokens.background;
    visuals.window_fill = tokens.raised;
    visuals.window_stroke = Stroke::new(1.0, tokens.border);
    visuals.window_corner_radius = CornerRadius::same(size::RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(size::RADIUS);
    visuals.extreme_bg_color = tokens.sunken;
    visuals.text_edit_bg_color = Some(tokens.sunken);
    visuals.faint_bg_color = tokens.raised;
    visuals.hyperlink_color = tokens.accent;
    visuals.error_fg_color = tokens.bad;
    visuals.warn_fg_color = tokens.busy;
    visuals.selection.bg_fill = tokens.accent_soft;
    visuals.selection.stroke = Stroke::new(1.0, tokens.accent);
    let shadow = Shadow { offset: [0, 6], blur: 24, spread: 0, color: tokens.shadow };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    let radius = CornerRadius::same(size::RADIUS_SMALL);
    for (widget, fill, border) in [
        (&mut visuals.widgets.noninteractive, tokens.surface, tokens.line),
        (&mut visuals.widgets.inactive, tokens.raised, tokens.border),
        (&mut visuals.widgets.hovered, tokens.hovered, tokens.border),
        (&mut visuals.widgets.active, tokens.accent_soft, tokens.accent),
        (&mut visuals.widgets.open, tokens.hovered, tokens.border),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, border);
        widget.fg_stroke = Stroke::new(1.0, tokens.text);
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
}
