# What a node may do: packaging/aws/iam-policy.json as it is, for this stack's names, and what Run Command
# and Session Manager need.

variable "name" {
  description = "Name of the role and of the instance profile"
  type        = string
}

variable "parameter_prefix" {
  description = "Where the stack's parameters are in the Parameter Store"
  type        = string
}

variable "group_prefix" {
  description = "What the names of this stack's Auto Scaling groups begin with"
  type        = string
}

variable "bucket" {
  description = "The bucket front50 keeps pipelines in; empty: none"
  type        = string
  default     = ""
}

variable "alert_topic_arns" {
  description = "SNS topics that the nodes may publish alerts to"
  type        = list(string)
  default     = []
}

variable "tags" {
  type    = map(string)
  default = {}
}

data "aws_partition" "current" {}

locals {
  # The policy that the agent's tests compare with the agent's calls, read and not repeated here.
  shipped = file("${path.module}/../../iam-policy.json")
  policy = replace(replace(replace(local.shipped,
    "arn:aws:", "arn:${data.aws_partition.current.partition}:"),
    "parameter/armory/spinnaker", "parameter${var.parameter_prefix}"),
  "autoScalingGroupName/armoryspinnaker-", "autoScalingGroupName/${var.group_prefix}")
}

resource "aws_iam_role" "node" {
  name = var.name
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "agent" {
  name   = "armory-agent"
  role   = aws_iam_role.node.id
  policy = local.policy
}

resource "aws_iam_role_policy" "store" {
  count = var.bucket == "" ? 0 : 1
  name  = "front50-store"
  role  = aws_iam_role.node.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"]
        Resource = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}"
      },
      {
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "alerts" {
  count = length(var.alert_topic_arns) == 0 ? 0 : 1 # known before the topics are
  name  = "alerts"
  role  = aws_iam_role.node.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = var.alert_topic_arns }]
  })
}

resource "aws_iam_role_policy_attachment" "run_command" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "node" {
  name = var.name
  role = aws_iam_role.node.name
  tags = var.tags
}

output "instance_profile_arn" {
  # Not before the node may do all of its work.
  depends_on = [aws_iam_role_policy.agent, aws_iam_role_policy.store, aws_iam_role_policy_attachment.run_command]
  value      = aws_iam_instance_profile.node.arn
}

output "role_name" {
  value = aws_iam_role.node.name
}
