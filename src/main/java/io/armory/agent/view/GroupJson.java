package io.armory.agent.view;

import io.armory.agent.domain.report.GroupReport;

/// The group as programs see it.
final class GroupJson {
  private GroupJson() {}

  static void write(Json json, GroupReport group) {
    json.field("maxUnavailable", group.maxUnavailable())
        .field("waiting", group.waiting().orElse(null))
        .field("reason", group.reason())
        .field("problem", group.problem());
    json.objects("nodes", group.nodes(), GroupJson::node);
    json.objects("heldBack", group.heldBack(), GroupJson::heldBack);
  }

  private static void node(Json json, GroupReport.Node node) {
    json.field("name", node.name())
        .field("here", node.here())
        .field("role", node.role())
        .field("ready", node.ready())
        .field("reason", node.reason())
        .field("since", node.since())
        .field("revision", node.revision())
        .field("changesTo", node.changesTo().orElse(null))
        .field("changesSince", node.changesSince())
        .field("waitsFor", node.waitsFor().orElse(null))
        .field("why", node.why())
        .field("agentVersion", node.version());
  }

  private static void heldBack(Json json, GroupReport.HeldBack held) {
    json.field("revision", held.revision())
        .field("node", held.node())
        .field("reason", held.reason())
        .field("at", held.at())
        .field("here", held.here());
  }
}
