package io.armory.agent.adapter.http;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The right to serve a control socket: a lock in its directory, held until the process ends.
/// Whoever holds it knows that a socket file found is a dead agent's.
final class ControlSocket implements AutoCloseable {
  static final String GROUP = "armory-agent";

  /// sockaddr_un (unix(7)) holds 108 bytes with the final NUL.
  private static final int LONGEST = 107;

  private final Path socket;

  private final FileLock lock;

  private ControlSocket(Path socket, FileLock lock) {
    this.socket = socket;
    this.lock = lock;
  }

  static Outcome<ControlSocket> claim(Path socket) {
    var length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST) {
      return failed(
          Failure.Kind.INVALID,
          "%s is %d bytes long, a socket's path at most %d; use a shorter --root"
              .formatted(socket, length, LONGEST));
    }
    try {
      var directory = Objects.requireNonNull(socket.toAbsolutePath().getParent());
      Files.createDirectories(directory);
      restrict(directory, "rwxr-x---");
      return lock(socket, directory.resolve("agent.lock"));
    } catch (IOException e) {
      return failed(Failure.Kind.INVALID, "cannot use " + socket + ": " + e.getMessage());
    }
  }

  private static Outcome<ControlSocket> lock(Path socket, Path file) throws IOException {
    if (Files.isSymbolicLink(file)) {
      return failed(
          Failure.Kind.INVALID, file + " is a link, which nobody should have made: remove it");
    }
    var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            // Its content is replaced: a link would have that done to another file.
            LinkOption.NOFOLLOW_LINKS);
    var lock = attempt(channel);
    if (lock == null) {
      var owner = Files.readString(file).strip();
      channel.close();
      return failed(
          Failure.Kind.CONFLICT,
          "another armory-agent (pid %s) already serves %s; stop it first, or use another --root"
              .formatted(owner, socket));
    }
    channel.truncate(0);
    var pid = ProcessHandle.current().pid() + "\n";
    channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
    Files.deleteIfExists(socket);
    return Outcome.done(new ControlSocket(socket, lock));
  }

  private static @Nullable FileLock attempt(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /// Lets the group in, once the socket is bound. Until then its directory keeps others out.
  Outcome<Path> open() {
    try {
      restrict(socket, "rw-rw----");
      return Outcome.done(socket);
    } catch (IOException e) {
      return failed(
          Failure.Kind.INVALID, "cannot set permissions of " + socket + ": " + e.getMessage());
    }
  }

  private static void restrict(Path path, String permissions) throws IOException {
    var view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    view.setPermissions(PosixFilePermissions.fromString(permissions));
    try {
      var groups = path.getFileSystem().getUserPrincipalLookupService();
      view.setGroup(groups.lookupPrincipalByGroupName(GROUP));
    } catch (UserPrincipalNotFoundException e) {
      // No such group on this machine: the owner alone then.
    } catch (FileSystemException e) {
      // Not ours to give away, as when run by a developer from a checkout.
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(socket);
      lock.acquiredBy().close();
    } catch (IOException e) {
      // The next agent replaces it.
    }
  }

  private static <T> Outcome<T> failed(Failure.Kind kind, String message) {
    return Outcome.failed(kind, message);
  }
}
