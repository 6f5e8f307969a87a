package io.armory.agent.adapter.files;

import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.port.NodeFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Rendered files on disk, inside the agent's own directories and nowhere else.
///
/// Files of the last [#GENERATIONS] sets stay: containers of an older revision still mount them
/// while a rollout goes on, and need them to start again after a rollback.
///
/// @param directories each directory it may write in → the mode it and its subdirectories are made
///   with
/// @param mounted paths that any container mounts: they stay, and what is below them. Asked when
///   something is to be removed; if nobody knows, nothing is
public record DiskNodeFiles(Map<Path, Integer> directories, Supplier<Outcome<Set<String>>> mounted)
    implements NodeFiles {
  static final int GENERATIONS = 5;
  private static final int READABLE_BY_ALL = 0444;
  private static final String INDEX = ".generations";

  public DiskNodeFiles {
    directories =
        directories.entrySet().stream()
            .collect(Collectors.toMap(e -> absolute(e.getKey()), Map.Entry::getValue));
  }

  @Override
  public synchronized Outcome<String> put(List<RenderedFile> files) {
    for (var file : files) {
      if (owner(absolute(Path.of(file.path()))) == null) {
        return Outcome.failed(
            Failure.Kind.INVALID,
            file.path() + " is outside of the agent's own directories " + own());
      }
    }
    try {
      var changes = new ArrayList<String>();
      for (var file : files) {
        if (write(file)) {
          changes.add("wrote " + file.path());
        }
      }
      for (var directory : new TreeSet<>(directories.keySet())) {
        removeOld(directory, files, changes);
      }
      return Outcome.done(String.join(", ", changes));
    } catch (IOException e) {
      return Outcome.failed(DiskFailure.of("cannot put the rendered files in place", e));
    }
  }

  @Override
  public synchronized boolean has(List<RenderedFile> files) {
    try {
      for (var file : files) {
        if (!isAsWanted(absolute(Path.of(file.path())), file, Rights.of(file))) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean write(RenderedFile file) throws IOException {
    var path = absolute(Path.of(file.path()));
    var root = owner(path);
    if (root == null) {
      throw new IOException(path + " is outside of the agent's own directories");
    }
    makeDirectories(root, path);
    var rights = Rights.of(file);
    if (isAsWanted(path, file, rights)) {
      return false;
    }
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      // An engine asked to mount a missing file makes an empty directory in its place.
      Files.delete(path);
    }
    AtomicWrite.write(path, file.content().bytes(), rights.mode, rights.uid, rights.gid);
    return true;
  }

  /// What can be given of what a file asks for. Only root gives files away; unprivileged,
  /// everything is the agent's own, and what was meant for another user alone is for all users of
  /// the containers that mount it: the others are kept out by the directory.
  private record Rights(int mode, int uid, int gid) {
    static Rights of(RenderedFile file) throws IOException {
      if (file.uid() < 0 && file.gid() < 0) {
        return new Rights(file.mode(), -1, -1);
      }
      if (Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
        return new Rights(file.mode(), file.uid(), file.gid());
      }
      return new Rights(file.mode() | READABLE_BY_ALL, -1, -1);
    }
  }

  private static boolean isAsWanted(Path path, RenderedFile file, Rights rights)
      throws IOException {
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    var attributes = Files.readAttributes(path, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
    var mode = attributes.get("mode") instanceof Integer m ? m & 07777 : -1;
    var owner = attributes.get("uid") instanceof Integer u ? u : -1;
    var group = attributes.get("gid") instanceof Integer g ? g : -1;
    return mode == rights.mode
        && (rights.uid < 0 || owner == rights.uid)
        && (rights.gid < 0 || group == rights.gid)
        && Files.isReadable(path)
        && Files.size(path) == file.content().bytes().length
        && Arrays.equals(Files.readAllBytes(path), file.content().bytes());
  }

  /// Makes what is missing between an own directory and the file, and refuses to go through a link.
  private void makeDirectories(Path root, Path path) throws IOException {
    var mode = AtomicWrite.permissions(directories.getOrDefault(root, 0700));
    var attribute = PosixFilePermissions.asFileAttribute(mode);
    if (!Files.isDirectory(root)) {
      Files.createDirectories(root.getParent() == null ? root : root.getParent());
      Files.createDirectory(root, attribute);
      Files.setPosixFilePermissions(root, mode);
    }
    var at = root;
    for (var step : root.relativize(path.getParent())) {
      if (step.toString().isEmpty()) {
        continue;
      }
      at = at.resolve(step);
      if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(at, attribute);
        // The process's umask may have taken bits away.
        Files.setPosixFilePermissions(at, mode);
      } else if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(at + " is in the way: not a directory of the agent's own");
      }
    }
  }

  private void removeOld(Path directory, List<RenderedFile> files, List<String> changes)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    var now =
        files.stream()
            .map(f -> absolute(Path.of(f.path())))
            .filter(p -> directory.equals(owner(p)))
            .map(p -> directory.relativize(p).toString())
            .collect(Collectors.toCollection(TreeSet::new));
    var generations = remember(directory, now);
    var kept = generations.stream().flatMap(Set::stream).collect(Collectors.toSet());
    kept.add(INDEX);
    List<Path> all;
    try (var walk = Files.walk(directory)) {
      all = walk.filter(p -> !p.equals(directory)).sorted(Comparator.reverseOrder()).toList();
    }
    var old =
        all.stream()
            .filter(p -> !Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS))
            .filter(p -> !kept.contains(directory.relativize(p).toString()))
            .toList();
    for (var path : unused(old)) {
      Files.deleteIfExists(path);
      changes.add("removed " + path);
    }
    for (var path : all) {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        removeIfEmpty(path);
      }
    }
  }

  /// A container whose mounted file is gone can never start again.
  private List<Path> unused(List<Path> old) {
    if (old.isEmpty()) {
      return old;
    }
    return switch (mounted.get()) {
      case Outcome.Failed<Set<String>> _ -> List.of();
      case Outcome.Done<Set<String>>(var sources) ->
          old.stream().filter(p -> sources.stream().noneMatch(s -> p.startsWith(s))).toList();
    };
  }

  /// The sets of files put here, this one first.
  private static List<Set<String>> remember(Path directory, Set<String> now) throws IOException {
    var generations = new ArrayList<Set<String>>();
    generations.add(now);
    var index = directory.resolve(INDEX);
    for (var block : readIndex(index).split("\n\n", -1)) {
      var names = new TreeSet<>(block.lines().filter(l -> !l.isEmpty()).toList());
      if (!names.isEmpty() && !generations.contains(names) && generations.size() < GENERATIONS) {
        generations.add(names);
      }
    }
    var text =
        generations.stream().map(g -> String.join("\n", g)).collect(Collectors.joining("\n\n"));
    if (!text.equals(readIndex(index))) {
      AtomicWrite.write(index, text.getBytes(StandardCharsets.UTF_8), 0600, -1);
    }
    return generations;
  }

  private static String readIndex(Path index) throws IOException {
    try {
      return new String(RegularFile.read(index, RegularFile.MIB), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static void removeIfEmpty(Path directory) throws IOException {
    try (var entries = Files.newDirectoryStream(directory)) {
      if (entries.iterator().hasNext()) {
        return;
      }
    }
    Files.delete(directory);
  }

  private @Nullable Path owner(Path path) {
    return directories.keySet().stream()
        .filter(d -> path.startsWith(d) && !path.equals(d))
        .findFirst()
        .orElse(null);
  }

  private String own() {
    return new TreeSet<>(directories.keySet()).toString();
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }
}
