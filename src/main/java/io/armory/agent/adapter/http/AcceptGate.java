package io.armory.agent.adapter.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.util.concurrent.TimeUnit;

/// Stops accepting while too many accepted connections are not closed yet, and lets the kernel
/// queue them. Connections are accepted by one thread and served, and given up, by another: a flood
/// is accepted faster than it is given up, and without this gate what waits between the two fills
/// any heap.
final class AcceptGate extends ChannelInboundHandlerAdapter {
  /// Bytes: a load balancer's request, or a few of those that a flood is made of.
  private static final int READ = 256;

  private final int most;

  /// Touched on the accepting thread alone.
  private int open;

  AcceptGate(int most) {
    this.most = most;
  }

  /// Netty's loops look every second for cancelled timers, unless one is set.
  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    var _ = context.executor().scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof Channel accepted) {
      open++;
      // What is read at once is decoded at once, in 60 times the memory.
      accepted.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ));
      context.channel().config().setAutoRead(open < most);
      accepted.closeFuture().addListener(_ -> context.executor().execute(() -> closed(context)));
    }
    context.fireChannelRead(message);
  }

  private void closed(ChannelHandlerContext context) {
    open--;
    if (open < most) {
      context.channel().config().setAutoRead(true);
    }
  }
}
