package io.armory.agent.port;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/// Images in memory: each is spare unless it is needed, in use, or of another repository.
public final class FakeShelf implements ImageShelf {
  private final List<String> images = new CopyOnWriteArrayList<>();
  private volatile Outcome<String> directory = Outcome.done("/var/lib/docker");
  private volatile Set<String> lastNeeded = Set.of();
  private final Set<String> inUse = ConcurrentHashMap.newKeySet();

  /// What the engine answers when it is asked where it keeps its data.
  public void lieIn(Outcome<String> place) {
    directory = place;
  }

  /// Images that lie here, the oldest first.
  public void lay(String... references) {
    images.addAll(List.of(references));
  }

  /// One that comes into use after it was found spare.
  public void use(String reference) {
    inUse.add(reference);
  }

  /// What it was last told that is needed.
  public Set<String> needed() {
    return lastNeeded;
  }

  public List<String> left() {
    return List.copyOf(images);
  }

  @Override
  public Outcome<List<Spare>> spare(Set<String> needed, Set<String> repositories) {
    lastNeeded = Set.copyOf(needed);
    Predicate<String> ours =
        image -> repositories.contains(image.substring(0, image.lastIndexOf(':')));
    return Outcome.done(
        images.stream()
            .filter(ours)
            .filter(image -> !needed.contains(image))
            .map(image -> new Spare(image, List.of(image)))
            .toList());
  }

  @Override
  public Outcome<String> directory() {
    return directory;
  }

  @Override
  public Outcome<String> remove(String reference) {
    if (inUse.contains(reference)) {
      return Outcome.failed(Failure.Kind.CONFLICT, reference + " is in use");
    }
    images.remove(reference);
    return Outcome.done("");
  }
}
