package io.armory.agent.adapter.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The node's history, one JSON object a line in `events.jsonl`, 0600. The last [#KEPT] events
/// survive the agent and the node; a full file becomes `events.1.jsonl` and the one before that
/// goes. A torn last line, of an agent killed while it wrote, is dropped.
public final class Journal {
  public static final int KEPT = 1000;

  private static final int MOST_BYTES = 16 * 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Path older;
  private final Deque<AgentEvent> last = new ArrayDeque<>();
  private int linesInFile;

  private Journal(Path file) {
    this.file = file;
    this.older = file.resolveSibling("events.1.jsonl");
  }

  /// Opens the journal and reads what is there. One that cannot be read starts empty.
  ///
  /// @param directory made, 0700, when missing
  public static Journal open(Path directory) throws IOException {
    Files.createDirectories(
        directory, PosixFilePermissions.asFileAttribute(AtomicWrite.permissions(0700)));
    var journal = new Journal(directory.resolve("events.jsonl"));
    journal.read(journal.older);
    journal.linesInFile = journal.read(journal.file);
    return journal;
  }

  /// Remembers an event, on disk where that is possible: a full disk must not stop the agent, so
  /// that the event is in memory in any case.
  public synchronized Outcome<String> append(AgentEvent event) {
    remember(event);
    try {
      if (linesInFile >= KEPT) {
        Files.move(
            file, older, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        linesInFile = 0;
      }
      write(encode(event) + "\n");
      linesInFile++;
      return Outcome.done(file.toString());
    } catch (IOException e) {
      return Outcome.failed(DiskFailure.of("cannot write the journal", e));
    }
  }

  /// Events at or after an instant, oldest first, the last `limit` of them.
  public synchronized List<AgentEvent> events(Instant since, int limit) {
    var wanted = last.stream().filter(e -> !e.at().isBefore(since)).toList();
    return wanted.subList(Math.max(0, wanted.size() - Math.max(0, limit)), wanted.size());
  }

  private void remember(AgentEvent event) {
    last.addLast(event);
    while (last.size() > KEPT) {
      last.removeFirst();
    }
  }

  private void write(String line) throws IOException {
    var options =
        EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    var mode = PosixFilePermissions.asFileAttribute(AtomicWrite.permissions(0600));
    try (var channel = FileChannel.open(file, withoutLinks(options), mode)) {
      var before = channel.size();
      var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        // Half a line would swallow the next one.
        channel.truncate(before);
        throw e;
      }
    }
  }

  private static Set<OpenOption> withoutLinks(EnumSet<StandardOpenOption> options) {
    var all = new HashSet<OpenOption>(options);
    all.add(LinkOption.NOFOLLOW_LINKS);
    return all;
  }

  /// Reads a file's events and mends its torn end.
  private int read(Path from) throws IOException {
    byte[] all;
    try {
      all = RegularFile.read(from, MOST_BYTES);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      // It is in nobody's way there, and nothing of it is lost.
      Files.move(
          from,
          Files.createTempDirectory(from.getParent(), "damaged-").resolve(from.getFileName()));
      return 0;
    }
    var whole = all.length;
    while (whole > 0 && all[whole - 1] != '\n') {
      whole--;
    }
    if (whole < all.length) {
      try (var channel = FileChannel.open(from, StandardOpenOption.WRITE)) {
        channel.truncate(whole);
      }
    }
    var lines = new ArrayList<>(new String(all, 0, whole, StandardCharsets.UTF_8).lines().toList());
    lines.forEach(line -> decode(line).ifPresent(this::remember));
    return lines.size();
  }

  private static String encode(AgentEvent event) throws JsonProcessingException {
    var node =
        JSON.createObjectNode()
            .put("at", event.at().toString())
            .put("kind", event.kind())
            .put("subject", event.subject())
            .put("what", event.what())
            .put("why", event.why());
    var took = event.took();
    if (took != null) {
      node.put("took", took.toString());
    }
    return JSON.writeValueAsString(node);
  }

  /// A line of another release, or a damaged one, is passed over: the rest is still worth having.
  private static Optional<AgentEvent> decode(String line) {
    try {
      var node = JSON.readTree(line);
      var took = node.path("took").asText("");
      return Optional.of(
          new AgentEvent(
              Instant.parse(text(node, "at")),
              text(node, "kind"),
              text(node, "subject"),
              text(node, "what"),
              text(node, "why"),
              took.isEmpty() ? null : Duration.parse(took)));
    } catch (JsonProcessingException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText("");
  }
}
