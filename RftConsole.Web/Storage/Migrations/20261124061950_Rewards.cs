using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace RftConsole.Web.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Rewards : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "JudgeEndpoints",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false, collation: "NOCASE"),
                    BaseUrl = table.Column<string>(type: "TEXT", nullable: false),
                    Model = table.Column<string>(type: "TEXT", nullable: false),
                    ProtectedKey = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_JudgeEndpoints", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "RewardFunctions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false, collation: "NOCASE"),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RewardFunctions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "GradedExamples",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    FunctionId = table.Column<string>(type: "TEXT", nullable: false),
                    RecordJson = table.Column<string>(type: "TEXT", nullable: false),
                    Response = table.Column<string>(type: "TEXT", nullable: false),
                    Grade = table.Column<double>(type: "REAL", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GradedExamples", x => x.Id);
                    table.ForeignKey(
                        name: "FK_GradedExamples_RewardFunctions_FunctionId",
                        column: x => x.FunctionId,
                        principalTable: "RewardFunctions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RewardVersions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    FunctionId = table.Column<string>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    SpecificationJson = table.Column<string>(type: "TEXT", nullable: false),
                    ContentHash = table.Column<string>(type: "TEXT", nullable: false),
                    Note = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RewardVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_RewardVersions_RewardFunctions_FunctionId",
                        column: x => x.FunctionId,
                        principalTable: "RewardFunctions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "RewardUses",
                columns: table => new
                {
                    JobId = table.Column<string>(type: "TEXT", nullable: false),
                    VersionId = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RewardUses", x => x.JobId);
                    table.ForeignKey(
                        name: "FK_RewardUses_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_RewardUses_RewardVersions_VersionId",
                        column: x => x.VersionId,
                        principalTable: "RewardVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_GradedExamples_FunctionId",
                table: "GradedExamples",
                column: "FunctionId");

            migrationBuilder.CreateIndex(
                name: "IX_JudgeEndpoints_Name",
                table: "JudgeEndpoints",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_RewardFunctions_Name",
                table: "RewardFunctions",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_RewardUses_VersionId",
                table: "RewardUses",
                column: "VersionId");

            migrationBuilder.CreateIndex(
                name: "IX_RewardVersions_FunctionId_Number",
                table: "RewardVersions",
                columns: new[] { "FunctionId", "Number" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "GradedExamples");

            migrationBuilder.DropTable(
                name: "JudgeEndpoints");

            migrationBuilder.DropTable(
                name: "RewardUses");

            migrationBuilder.DropTable(
                name: "RewardVersions");

            migrationBuilder.DropTable(
                name: "RewardFunctions");
        }
    }
}
