package io.armory.agent.view;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.AlertTemplate;

/// An alert as it is sent. Field names are public interface.
///
/// @param all every part in a field of its own; else `text` alone, which is what chat systems'
///   incoming webhooks take
public record AlertBody(AlertTemplate template, boolean all) {

  /// For a webhook.
  public String json(Alert alert) {
    return Json.object(json -> {
      json.field("text", text(alert));
      if (all) {
        json.field("condition", alert.condition().word())
            .field("state", alert.state())
            .field("what", alert.what())
            .field("why", alert.why())
            .field("since", alert.since())
            .field("at", alert.at())
            .field("node", alert.origin().node())
            .field("host", alert.origin().host())
            .field("stack", alert.origin().stack())
            .field("role", alert.origin().role())
            .field("revision", alert.origin().revision());
      }
    });
  }

  /// For a topic: people read the text alone as it is.
  public String message(Alert alert) {
    return all ? json(alert) : text(alert);
  }

  public String text(Alert alert) {
    return template.render(alert);
  }
}
