package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/// The data of the local stores, by way of the engine: nothing on the node's own disk is looked at.
/// Nothing throws; an interrupt ends a call as a failure.
public interface DataContainers {

  /// Runs a command in a running container, and passes on what it writes. Done only when it ended
  /// with 0; the value is the end of what it wrote to standard error.
  Outcome<String> read(String container, List<String> command, OutputStream to);

  /// Starts a container beside another one that may be stopped: with its image, its user, its
  /// environment and its volumes, with no network and nothing else of it. It does nothing but wait.
  /// One of that name that is there already is replaced.
  ///
  /// @return its ID
  Outcome<String> assistant(String container, String name);

  /// Runs a shell script in an assistant to its end. The value is what it wrote to standard output;
  /// a failure has the end of what it wrote to standard error.
  Outcome<String> run(String assistant, String script);

  /// Puts a file into a directory of the assistant's, which is there, as its user's own.
  Outcome<String> put(String assistant, String directory, String name, Path file);

  /// Removes an assistant. One that is gone is done.
  Outcome<String> dismiss(String name);
}
