package io.armory.agent.adapter.redis;

import io.armory.agent.adapter.tls.Authorities;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.RemoteRedis;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Connected sockets to a remote Redis, with TLS and the certificate verified where it is asked
/// for.
final class RedisSockets {
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private RedisSockets() {}

  /// A plain connection; every question asked over it has a deadline.
  static TimedSocket plain(RemoteRedis redis) throws RedisException {
    var socket = new TimedSocket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(
          new InetSocketAddress(resolve(redis), redis.port()), (int) PATIENCE.toMillis());
      socket.asked(PATIENCE);
      return socket;
    } catch (IOException e) {
      close(socket);
      throw unreachable(redis, e);
    } catch (RedisException e) {
      close(socket);
      throw e;
    }
  }

  /// TLS over a plain connection, the handshake done.
  ///
  /// @throws IOException what went wrong with it, for [TlsTrouble]
  static SSLSocket secured(RemoteRedis redis, Socket plain) throws RedisException, IOException {
    try {
      var factory = context(redis).getSocketFactory();
      var socket = (SSLSocket) factory.createSocket(plain, redis.host(), redis.port(), true);
      var parameters = socket.getSSLParameters();
      verifyName(parameters);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket;
    } catch (GeneralSecurityException e) {
      throw new RedisException(
          Failure.Kind.TRANSIENT, "TLS cannot be set up in this Java runtime: " + e.getMessage());
    }
  }

  /// RFC 2818: the name asked for must be one of the certificate's.
  private static void verifyName(SSLParameters parameters) {
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
  }

  private static SSLContext context(RemoteRedis redis)
      throws RedisException, GeneralSecurityException {
    try {
      return Authorities.context(redis.caFile().map(Path::of));
    } catch (Authorities.Unusable e) {
      throw new RedisException(
          Failure.Kind.INVALID,
          "REDIS_CA_FILE %s cannot be used: %s"
              .formatted(redis.caFile().orElse(""), e.getMessage()));
    }
  }

  private static InetAddress resolve(RemoteRedis redis) throws RedisException {
    try {
      return InetAddress.getByName(redis.host());
    } catch (UnknownHostException e) {
      throw new RedisException(
          Failure.Kind.UNREACHABLE,
          "the name " + redis.shownHost() + " does not resolve: see REDIS_HOST and DNS");
    }
  }

  /// What an exception of a connection means.
  static RedisException unreachable(RemoteRedis redis, @Nullable Throwable cause) {
    var where = redis.address();
    return switch (cause) {
      case SocketTimeoutException _ ->
          new RedisException(
              Failure.Kind.TIMEOUT,
              "%s does not answer within %d s: see REDIS_HOST, and the security group of the Redis"
                  .formatted(where, PATIENCE.toSeconds()));
      case NoRouteToHostException _ ->
          new RedisException(
              Failure.Kind.UNREACHABLE, "there is no route to " + where + ": see REDIS_HOST");
      case ConnectException e
          when e.getMessage() != null && e.getMessage().contains("unreachable") ->
          new RedisException(
              Failure.Kind.UNREACHABLE, "there is no route to " + where + ": see REDIS_HOST");
      case ConnectException _ ->
          new RedisException(
              Failure.Kind.UNREACHABLE,
              where + " refuses the connection: see REDIS_PORT, and whether the Redis runs");
      case null, default ->
          new RedisException(
              Failure.Kind.UNREACHABLE,
              "the connection to " + where + " broke: " + (cause == null ? "" : words(cause)));
    };
  }

  private static String words(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It was to be gone anyway.
    }
  }
}
