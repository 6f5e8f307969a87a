package io.armory.agent.adapter.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Owner;
import io.armory.agent.port.StateJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whose state lies in the state directory: recorded in its document `owner`. What another machine
/// kept is moved, all of it and keys included, into a directory `kept-by-WHOM-TIME` of its own,
/// from where nothing is ever read.
public final class StateOwner {
  private static final String NAME = "owner";

  /// Of a release that recorded no owner: what it knew of its instance.
  private static final String FACTS = "known-facts";

  private static final String ASIDE = "kept-by-";

  /// An operator's word that what lies here is to be this machine's.
  private static final String ADOPT = "adopt";

  private static final Set<String> NEVER_MOVED = Set.of("lost+found", ADOPT);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final DiskStateStore store;
  private final Path holder;
  private final InstantSource clock;
  private final ObjectMapper json = new ObjectMapper();
  private Owner owner = Owner.UNKNOWN;
  private @Nullable SetAside aside;

  /// What another machine kept.
  ///
  /// @param by that machine's name
  /// @param directory where it lies now
  public record SetAside(String by, String directory, Instant at) {
    public String what() {
      return "what %s kept is not used here: this is another machine; it lies in %s"
          .formatted(by, directory);
    }

    public String todo() {
      return ("to use it on purpose, stop the agent, move its files back up into %s, touch"
              + " %1$s/adopt, and start it")
          .formatted(Path.of(directory).resolveSibling("").normalize());
    }

    public String message() {
      return what() + "; " + todo();
    }
  }

  /// @param lease the directory with the node's name as a candidate for polling
  public StateOwner(DiskStateStore store, Path lease, InstantSource clock) {
    this.store = store;
    this.holder = lease.resolve("holder");
    this.clock = clock;
  }

  /// Whether there is anything whose owner matters.
  public boolean isAnythingKept() {
    try {
      return !entries().isEmpty();
    } catch (IOException e) {
      return true;
    }
  }

  /// Takes possession: what another machine kept is set aside.
  ///
  /// @return what was set aside now
  public synchronized Outcome<Optional<SetAside>> claim(Owner now) {
    try {
      var kept = recorded();
      if (Files.deleteIfExists(store.directory().resolve(ADOPT))) {
        kept = Owner.UNKNOWN;
        aside = null;
      }
      if (kept.isAnotherThan(now)) {
        aside = setAside(kept);
        owner = now;
        return save().map(_ -> Optional.ofNullable(aside));
      }
      owner = kept.asOf(now);
      // A disk that is full keeps nobody from running.
      var _ = owner.equals(kept) ? Outcome.done("") : save();
      return Outcome.done(Optional.empty());
    } catch (IOException e) {
      return Outcome.failed(
          DiskFailure.of("cannot set aside the state of another machine in " + directory(), e));
    }
  }

  /// Minds what IMDS says later than the claim.
  ///
  /// @return why what was claimed is not this machine's after all
  public synchronized Optional<String> contradicts(String instance) {
    var now = new Owner(Optional.of(instance), owner.configured(), owner.machine());
    if (owner.isAnotherThan(now)) {
      return Optional.of(
          "what is kept in %s is of %s, and IMDS says that this is %s"
              .formatted(directory(), owner.name(), instance));
    }
    if (!owner.equals(now)) {
      owner = now;
      var _ = save();
    }
    return Optional.empty();
  }

  /// Of another machine, until this one has kept a revision of its own.
  public synchronized Optional<SetAside> setAside() {
    return Optional.ofNullable(aside);
  }

  /// The machine has a revision of its own: the other's matters no more.
  public synchronized void settled() {
    if (aside != null) {
      aside = null;
      var _ = save();
    }
  }

  /// What is recorded, for those who only look.
  public synchronized Optional<SetAside> look() {
    try {
      var _ = recorded();
    } catch (IOException e) {
      return Optional.empty();
    }
    return setAside();
  }

  private Owner recorded() throws IOException {
    var tree = load(NAME);
    if (tree.has("since")) {
      aside = read(tree.path("setAside"));
      return new Owner(text(tree, "instance"), text(tree, "configured"), text(tree, "machine"));
    }
    var fact = load(FACTS).path("facts").path("instance-id");
    var fromEc2 = fact.path("origin").asText().startsWith("IMDS");
    return fromEc2
        ? new Owner(text(fact, "value"), Optional.empty(), Optional.empty())
        : Owner.UNKNOWN;
  }

  /// One that is damaged says nothing.
  private JsonNode load(String name) throws IOException {
    return switch (store.load(name)) {
      case Outcome.Done<Optional<byte[]>>(var bytes) ->
          bytes.isPresent() ? json.readTree(bytes.get()) : json.createObjectNode();
      case Outcome.Failed<Optional<byte[]>>(var failure) -> {
        if (failure.kind() != Failure.Kind.INVALID) {
          throw new IOException(failure.message());
        }
        yield json.createObjectNode();
      }
    };
  }

  private Outcome<String> save() {
    var tree = json.createObjectNode().put("since", clock.instant().toString());
    owner.instance().ifPresent(id -> tree.put("instance", id));
    owner.configured().ifPresent(id -> tree.put("configured", id));
    owner.machine().ifPresent(id -> tree.put("machine", id));
    var other = aside;
    if (other != null) {
      write(tree.putObject("setAside"), other);
    }
    return StateJson.save(store, NAME, tree);
  }

  private static void write(ObjectNode tree, SetAside aside) {
    tree.put("by", aside.by()).put("directory", aside.directory()).put("at", aside.at().toString());
  }

  private static @Nullable SetAside read(JsonNode tree) {
    try {
      return tree.has("at")
          ? new SetAside(
              tree.path("by").asText(),
              tree.path("directory").asText(),
              Instant.parse(tree.path("at").asText()))
          : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static Optional<String> text(JsonNode tree, String field) {
    return Optional.of(tree.path(field).asText()).filter(t -> !t.isEmpty());
  }

  /// What says whose it is goes last: interrupted, it is gone on with at the next start.
  private SetAside setAside(Owner kept) throws IOException {
    var at = clock.instant();
    var target = free(ASIDE + kept.name() + "-" + STAMP.format(at));
    Files.createDirectory(
        target, PosixFilePermissions.asFileAttribute(AtomicWrite.permissions(0700)));
    var all = new ArrayList<>(entries());
    all.sort(Comparator.comparing(StateOwner::saysWhose).thenComparing(Comparator.naturalOrder()));
    for (var entry : all) {
      Files.move(entry, target.resolve(entry.getFileName()));
    }
    AtomicWrite.syncDirectory(target);
    AtomicWrite.syncDirectory(directory());
    Files.deleteIfExists(holder);
    return new SetAside(kept.name(), target.toString(), at);
  }

  private static boolean saysWhose(Path entry) {
    var name = String.valueOf(entry.getFileName());
    return name.startsWith(NAME) || name.startsWith(FACTS);
  }

  private Path free(String name) {
    var path = directory().resolve(name);
    for (var n = 2; Files.exists(path, LinkOption.NOFOLLOW_LINKS); n++) {
      path = directory().resolve(name + "-" + n);
    }
    return path;
  }

  private List<Path> entries() throws IOException {
    if (!Files.isDirectory(directory())) {
      return List.of();
    }
    try (var all = Files.list(directory())) {
      return all.filter(
              p -> {
                var name = String.valueOf(p.getFileName());
                return !name.startsWith(ASIDE) && !NEVER_MOVED.contains(name);
              })
          .toList();
    }
  }

  private Path directory() {
    return store.directory();
  }
}
