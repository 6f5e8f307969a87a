package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.health.ProbeHistory;
import io.armory.agent.health.SlowStart;
import io.armory.agent.health.SlowStart.Seen;
import io.armory.agent.health.SlowStart.Sign;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which services start slowly: how many starts of each were in vain, and what those do that have
/// not opened their port when their start period is over. The engine is asked about no other. Owned
/// by the loop's thread.
public final class SlowStarts {
  private final Effects effects;
  private final Map<String, Vain> vain = new HashMap<>();
  private final Map<String, Watch> watches = new HashMap<>();

  /// @param definition of the service that was started so often in vain
  public record Vain(String definition, int starts) {}

  /// @param life when the container's life began
  /// @param askedAt when it was last looked at
  private record Watch(Instant life, Instant askedAt, @Nullable Seen seen, Sign sign) {}

  public SlowStarts(Effects effects) {
    this.effects = effects;
  }

  public void recalled(Map<String, Vain> kept) {
    vain.putAll(kept);
  }

  /// Service → its starts in vain.
  public Map<String, Vain> all() {
    return Map.copyOf(vain);
  }

  /// A start was ended whose port never opened.
  public void endedInVain(Service service) {
    vain.put(service.name(), new Vain(service.definitionHash(), count(service) + 1));
  }

  private int count(Service service) {
    var known = vain.get(service.name());
    return known != null && known.definition().equals(service.definitionHash())
        ? known.starts()
        : 0;
  }

  /// What a question heard, counted in the life it was asked in.
  ProbeHistory count(
      ProbeHistory before, Service service, ProbeSpec spec, Message.Probed heard, Instant now) {
    var result = heard.result();
    if (before.opened() || result.standing() != Standing.CLOSED) {
      watches.remove(heard.containerId());
      return before.after(result, spec, now);
    }
    var start = start(heard.containerId(), service, spec);
    var up = Duration.between(before.gracedFrom(), now);
    if (!before.health().unhealthy() && up.compareTo(start.period()) >= 0) {
      look(heard, start, now);
    }
    var told =
        new ProbeResult(
            result.standing(),
            start.words(spec.check().port(), up, result.detail()),
            result.took());
    return before.after(told, spec.withStartPeriod(start.allowed()), now);
  }

  private SlowStart start(String containerId, Service service, ProbeSpec spec) {
    var watch = watches.get(containerId);
    return new SlowStart(
        spec.startPeriod(), count(service), watch == null ? Sign.UNSEEN : watch.sign());
  }

  private void look(Message.Probed heard, SlowStart start, Instant now) {
    var id = heard.containerId();
    var known = watches.get(id);
    var before = known != null && known.life().equals(heard.startedAt()) ? known : null;
    if (before != null && now.isBefore(before.askedAt().plus(start.lookEvery()))) {
      return;
    }
    watches.put(
        id,
        new Watch(
            heard.startedAt(),
            now,
            before == null ? null : before.seen(),
            before == null ? Sign.UNSEEN : before.sign()));
    effects.add(new Effect.SeeStart(id, heard.startedAt(), now));
  }

  public void seen(Message.StartSeen message) {
    var id = message.containerId();
    var watch = watches.get(id);
    if (watch != null && watch.life().equals(message.startedAt())) {
      var before = watch.seen();
      var sign = before == null ? Sign.UNSEEN : SlowStart.between(before, message.seen());
      watches.put(id, new Watch(watch.life(), watch.askedAt(), message.seen(), sign));
    }
  }

  void retain(Set<String> containers) {
    watches.keySet().retainAll(containers);
  }

  void clockSet(Duration by) {
    watches.replaceAll((id, w) -> {
      var seen = w.seen();
      return new Watch(
          w.life(),
          w.askedAt().plus(by),
          seen == null ? null : new Seen(seen.at().plus(by), seen.processor(), seen.lastLine()),
          w.sign());
    });
  }
}
