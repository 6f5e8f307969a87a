package io.armory.agent.reconcile.images;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.HealthReport.RevisionReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.ImageShelf;
import io.armory.agent.port.ImageShelf.Spare;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes room on a disk that fills up: releases leave their images behind, and one that no revision
/// needs is worth nothing but the time to pull it again. So nothing is removed while there is room,
/// and no more than gives room again. What the revision in force, the last known good one and one
/// that waits for approval name stays, and whatever a container has.
public final class ImageGarbageCollector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final String SEEN = "image-repositories";
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// Rounds.
  private static final int ASKED_EVERY = 30;

  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;
  private final ImageShelf shelf;
  private final DoubleSupplier used;
  private final Consumer<String> directory;
  private final int limit;
  private @Nullable Thread thread;

  /// Repositories that images of this node's revisions are from, or were: names without a tag.
  private final Set<String> repositories = new TreeSet<>();

  private final Set<String> failed = new HashSet<>();
  private boolean recalled;

  /// The revision whose repositories are among them; empty: none, or it is not known.
  private Optional<String> remembered = Optional.empty();

  /// Rounds until the engine is asked where it keeps its data.
  private int untilAsked;

  /// @param used percent of the engine's filesystem in use, looked at afresh each time
  /// @param directory told where the engine keeps its data, so that the host's disk is that one
  /// @param limit percent in use of the filesystem of the engine from which on it is made room
  public ImageGarbageCollector(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      DoubleSupplier used,
      Consumer<String> directory,
      int limit) {
    this.loop = loop;
    this.parts = parts;
    this.shelf = parts.engine().images();
    this.used = used;
    this.directory = directory;
    this.limit = limit;
  }

  public void start() {
    thread =
        parts
            .threads()
            .start(
                "image-care",
                new Supervised(
                    parts.threads(),
                    LOG,
                    "the care for images",
                    () -> {
                      parts.threads().sleep(EVERY);
                      tend();
                      return true;
                    }));
  }

  /// One round. While there is room and the revision is the one of the last round, the loop is not
  /// even asked.
  void tend() throws InterruptedException {
    askForDirectory();
    var revision = loop.report().revision().map(RevisionReport::id);
    var used = used();
    if (used < limit && revision.isPresent() && revision.equals(remembered)) {
      return;
    }
    var needed = needed();
    if (needed.isEmpty()) {
      return;
    }
    remember(needed.get());
    remembered = revision;
    if (used < limit) {
      return;
    }
    switch (shelf.spare(needed.get(), repositories)) {
      case Outcome.Failed<List<Spare>>(var failure) ->
          LOG.debug("spare images: {}", failure.message());
      case Outcome.Done<List<Spare>>(var spare) -> {
        for (var image : spare) {
          // A revision may have come meanwhile, and room.
          if (used < limit || !needed.equals(needed())) {
            return;
          }
          remove(image, used);
          used = used();
        }
      }
    }
  }

  /// Once it is known, now and then: a restarted engine may keep its data elsewhere.
  private void askForDirectory() {
    if (untilAsked-- > 0) {
      return;
    }
    switch (shelf.directory()) {
      case Outcome.Done<String>(var known) -> {
        directory.accept(known);
        untilAsked = ASKED_EVERY;
      }
      case Outcome.Failed<String>(var failure) -> {
        LOG.debug("the engine's directory: {}", failure.message());
        untilAsked = 0;
      }
    }
  }

  private double used() {
    return used.getAsDouble();
  }

  private void remove(Spare image, double used) {
    var cause =
        String.format(
            Locale.ROOT,
            "no revision needs it, and the filesystem of the engine is %.1f %% full",
            used);
    for (var reference : image.references()) {
      if (shelf.remove(reference) instanceof Outcome.Failed<String>(var failure)) {
        if (failure.kind() != Failure.Kind.CONFLICT && failed.add(image.name())) {
          LOG.warn("image {}: remove failed: {}", image.name(), failure.message());
        }
        return;
      }
    }
    LOG.info("image {}: removed ({})", image.name(), cause);
    parts
        .events()
        .append(
            new AgentEvent(
                parts.clock().instant(),
                "action",
                "image " + image.name(),
                "removed",
                cause,
                null));
  }

  /// The images of the revision in force and the last known good one; empty: it is not known what
  /// is to run, or the engine cannot be read.
  private Optional<Set<String>> needed() throws InterruptedException {
    var answer = new CompletableFuture<Optional<Set<String>>>();
    loop.wonder(() -> answer.complete(neededNow()));
    try {
      return parts.threads().get(answer, PATIENCE);
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<Set<String>> neededNow() {
    var rollout = loop.core().rollout();
    if (loop.report().phase() == Phase.BLIND || rollout.target().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Stream.of(rollout.target(), rollout.good(), loop.core().awaits())
            .flatMap(Optional::stream)
            .flatMap(ImageGarbageCollector::images)
            .collect(Collectors.toSet()));
  }

  private static Stream<String> images(Revision revision) {
    return Stream.concat(revision.stack().images(), revision.images().values().stream());
  }

  private void remember(Set<String> images) {
    if (!recalled) {
      recalled = true;
      if (parts.state().load(SEEN) instanceof Outcome.Done<Optional<byte[]>>(var kept)) {
        kept.ifPresent(bytes ->
            new String(bytes, StandardCharsets.UTF_8)
                .lines()
                .filter(l -> !l.isBlank())
                .forEach(repositories::add));
      }
    }
    var news = false;
    for (var image : images) {
      if (image.startsWith("sha256:")) {
        continue;
      }
      news |= repositories.add(repository(image));
    }
    if (news) {
      var text = String.join("\n", repositories) + "\n";
      parts
          .state()
          .save(SEEN, text.getBytes(StandardCharsets.UTF_8))
          .whyFailed()
          .ifPresent(f -> LOG.warn("{}", f.message()));
    }
  }

  private static String repository(String image) {
    var name = image.replaceFirst("@.*", "");
    var colon = name.lastIndexOf(':');
    return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
  }

  @Override
  public void close() {
    Threads.interrupt(thread);
  }
}
