package io.armory.agent.view;

import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.view.Style.Tone;
import java.time.Instant;
import java.util.stream.Stream;

/// The group in `armory-agent status`: each node with its role, its state and its revision, who
/// changes and who waits for whom.
record GroupLines(GroupReport group, Instant now, Lines lines) {
  private static final int MOST = 12;

  void write() {
    group
        .waiting()
        .ifPresent(revision ->
            lines.add(
                "",
                Tone.BUSY,
                "WAITING",
                ": revision %s %s"
                    .formatted(
                        revision,
                        group.reason().isEmpty() ? "is about to begin" : group.reason())));
    if (group.nodes().isEmpty()) {
      lines.add(Tone.QUIET, "group: not known, " + group.problem());
      return;
    }
    lines.add(
        Tone.QUIET,
        "group of %d, at most %s changing or not ready%s"
            .formatted(
                group.nodes().size(),
                group.maxUnavailable(),
                group.problem().isEmpty() ? "" : "; as it was before: " + group.problem()));
    nodes();
    group.heldBack().stream()
        .filter(h -> !h.here())
        .forEach(h ->
            lines.wrap(
                "  ",
                "revision %s failed on %s %s ago: %s"
                    .formatted(h.revision(), h.node(), Ages.since(h.at(), now), h.reason())));
  }

  /// Of many, those that something is to be said of, what changes or is not ready first; a
  /// command's output is bounded.
  private void nodes() {
    var all = group.nodes();
    var told =
        all.size() <= MOST
            ? all
            : Stream.concat(
                    all.stream().filter(GroupLines::isNews),
                    all.stream().filter(n -> !isNews(n) && n.waitsFor().isPresent()))
                .limit(MOST)
                .toList();
    told.forEach(n -> lines.wrap("  ", line(n)));
    if (told.size() < all.size()) {
      var more = all.stream().filter(n -> !told.contains(n)).toList();
      var waiting = more.stream().filter(n -> n.waitsFor().isPresent()).count();
      lines.add(
          Tone.QUIET,
          "  and %d more%s; --json tells all"
              .formatted(more.size(), waiting == 0 ? "" : ", of which %d wait".formatted(waiting)));
    }
  }

  private static boolean isNews(GroupReport.Node n) {
    return n.here() || !n.ready() || n.changesTo().isPresent();
  }

  private String line(GroupReport.Node n) {
    var since = n.changesSince();
    var text =
        n.since().equals(Instant.EPOCH)
            ? n.name() + ", " + n.reason()
            : "%s%s, %s, revision %s, %s for %s"
                .formatted(
                    n.name(),
                    n.here() ? " (this node)" : "",
                    n.role(),
                    n.revision().isEmpty() ? "none" : n.revision(),
                    n.ready() ? "ready" : "not ready",
                    Ages.since(n.since(), now));
    text += n.ready() || n.reason().isEmpty() ? "" : ": " + n.reason();
    text +=
        n.changesTo()
            .map(to ->
                "; changes to revision %s%s"
                    .formatted(to, since == null ? "" : " for " + Ages.since(since, now)))
            .orElse("");
    return text + n.waitsFor().map(to -> "; revision %s %s".formatted(to, n.why())).orElse("");
  }
}
