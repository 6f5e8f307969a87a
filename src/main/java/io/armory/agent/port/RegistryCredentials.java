package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Secret;
import java.util.List;
import java.util.Optional;

/// Who we are to an image registry. Asked before every pull, so that short-lived tokens are fresh;
/// may block while it fetches one.
public interface RegistryCredentials {
  RegistryCredentials ANONYMOUS = registry -> Outcome.done(Optional.empty());

  /// @param registry host and port as in the image reference; `docker.io` for Docker Hub
  /// @return empty: this source knows nothing of the registry
  Outcome<Optional<Credential>> find(String registry);

  /// The registry refused the login that was found last: the next one is a new one, where this
  /// source can have one made.
  default void refused(String registry) {}

  /// @param username [#TOKEN] says that the password is an identity token, as Docker's own
  ///   credential helpers say it
  record Credential(String username, Secret password) {
    public static final String TOKEN = "<token>";
  }

  /// The first of several sources that knows the registry; a failing one ends the search.
  static RegistryCredentials firstOf(List<RegistryCredentials> sources) {
    return new RegistryCredentials() {
      @Override
      public Outcome<Optional<Credential>> find(String registry) {
        for (var source : sources) {
          var found = source.find(registry);
          if (!(found instanceof Outcome.Done<Optional<Credential>>(var credential))
              || credential.isPresent()) {
            return found;
          }
        }
        return Outcome.done(Optional.empty());
      }

      @Override
      public void refused(String registry) {
        sources.forEach(source -> source.refused(registry));
      }
    };
  }
}
