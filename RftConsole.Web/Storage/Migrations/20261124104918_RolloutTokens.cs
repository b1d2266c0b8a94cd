using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace RftConsole.Web.Storage.Migrations
{
    /// <inheritdoc />
    public partial class RolloutTokens : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "RolloutTokens",
                columns: table => new
                {
                    JobId = table.Column<string>(type: "TEXT", nullable: false),
                    Step = table.Column<int>(type: "INTEGER", nullable: false),
                    PromptIndex = table.Column<int>(type: "INTEGER", nullable: false),
                    SampleIndex = table.Column<int>(type: "INTEGER", nullable: false),
                    Prompt = table.Column<string>(type: "TEXT", nullable: true),
                    Completion = table.Column<string>(type: "TEXT", nullable: false),
                    LogProbabilities = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RolloutTokens", x => new { x.JobId, x.Step, x.PromptIndex, x.SampleIndex });
                    table.ForeignKey(
                        name: "FK_RolloutTokens_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Rollouts_JobId_RecordId_Step",
                table: "Rollouts",
                columns: new[] { "JobId", "RecordId", "Step" });

            migrationBuilder.CreateIndex(
                name: "IX_Rollouts_JobId_Step_PromptIndex_SampleIndex",
                table: "Rollouts",
                columns: new[] { "JobId", "Step", "PromptIndex", "SampleIndex" },
                descending: new[] { false, true, false, false });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "RolloutTokens");

            migrationBuilder.DropIndex(
                name: "IX_Rollouts_JobId_RecordId_Step",
                table: "Rollouts");

            migrationBuilder.DropIndex(
                name: "IX_Rollouts_JobId_Step_PromptIndex_SampleIndex",
                table: "Rollouts");
        }
    }
}
