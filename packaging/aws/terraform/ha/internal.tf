# Inside: one security group with the nodes, the internal load balancer and Redis in it. The sub-services
# ask nobody who is calling, so their ports are open to members of this group and to nothing else.

locals {
  services = {
    clouddriver = 7002
    deck        = 9000
    echo        = 8089
    fiat        = 7003
    front50     = 8080
    gate        = 8084
    igor        = 8088
    kayenta     = 8090
    orca        = 8083
    rosco       = 8087
  }
  redis_port = 6379
}

resource "aws_security_group" "internal" {
  name_prefix = "armoryspinnaker-${var.stack}-internal-"
  description = "Nodes, internal load balancer and Redis, among themselves"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "armoryspinnaker-${var.stack}-internal" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "among_themselves" {
  for_each = merge(local.services, { health = 5000, redis = local.redis_port })

  security_group_id            = aws_security_group.internal.id
  description                  = "${each.key}, among themselves"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.internal.id
}

# AWS, the image registry, and what pipelines deploy to.
resource "aws_vpc_security_group_egress_rule" "anywhere" {
  security_group_id = aws_security_group.internal.id
  description       = "anywhere"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_lb" "internal" {
  name                       = "armory-${var.stack}-internal"
  load_balancer_type         = "application"
  internal                   = true
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.internal.id]
  enable_deletion_protection = var.enable_deletion_protection
  # Clouddriver answers some calls late.
  idle_timeout = 300
  tags         = local.tags

  dynamic "access_logs" {
    for_each = var.access_logs[*]

    content {
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
      enabled = access_logs.value.enabled
    }
  }
}

resource "aws_lb_target_group" "internal" {
  for_each = local.services

  # What it cannot change in is in its name, so that its successor can be there before it goes.
  name                 = "armory-${var.stack}-${each.value}-${substr(sha1(var.vpc_id), 0, 3)}"
  vpc_id               = var.vpc_id
  protocol             = "HTTP"
  port                 = each.value
  deregistration_delay = 60
  tags                 = local.tags

  # Each service's own answer, and not the node's: what looks for a peer in here must find it before the
  # node as a whole is ready, or neither ever would be. Where the group ends what fails here, a service that
  # is down, or switched off, must not end the node: then the agent is asked.
  health_check {
    protocol            = "HTTP"
    port                = var.health_check_type == "ELB" ? "5000" : "traffic-port"
    path                = var.health_check_type == "ELB" ? local.check_path : each.key == "deck" ? "/" : "/health"
    matcher             = "200"
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "internal" {
  for_each = local.services

  load_balancer_arn = aws_lb.internal.arn
  port              = each.value
  protocol          = "HTTP"
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.internal[each.key].arn
  }
}
