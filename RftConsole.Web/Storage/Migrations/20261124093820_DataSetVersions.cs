using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace RftConsole.Web.Storage.Migrations
{
    /// <inheritdoc />
    public partial class DataSetVersions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "TrainingDataSetVersion",
                table: "Jobs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ValidationDataSetVersion",
                table: "Jobs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Version",
                table: "DataSets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "DataSetVersions",
                columns: table => new
                {
                    DataSetId = table.Column<string>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Parent = table.Column<int>(type: "INTEGER", nullable: true),
                    EditJson = table.Column<string>(type: "TEXT", nullable: true),
                    Rows = table.Column<int>(type: "INTEGER", nullable: false),
                    RejectedRows = table.Column<int>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Sha256 = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    CheckJson = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DataSetVersions", x => new { x.DataSetId, x.Number });
                    table.ForeignKey(
                        name: "FK_DataSetVersions_DataSets_DataSetId",
                        column: x => x.DataSetId,
                        principalTable: "DataSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            // Every data set that is there becomes its own first version.
            migrationBuilder.Sql("UPDATE DataSets SET Version = 1");
            migrationBuilder.Sql("INSERT INTO DataSetVersions (DataSetId, Number, Rows, RejectedRows, Bytes, Sha256, CreatedAt, CheckJson) SELECT Id, 1, Rows, RejectedRows, Bytes, Sha256, CreatedAt, CheckJson FROM DataSets");
            migrationBuilder.Sql("UPDATE Jobs SET TrainingDataSetVersion = 1 WHERE TrainingDataSetId IS NOT NULL");
            migrationBuilder.Sql("UPDATE Jobs SET ValidationDataSetVersion = 1 WHERE ValidationDataSetId IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_DataSetVersions_Sha256",
                table: "DataSetVersions",
                column: "Sha256");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "DataSetVersions");

            migrationBuilder.DropColumn(
                name: "TrainingDataSetVersion",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "ValidationDataSetVersion",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "Version",
                table: "DataSets");
        }
    }
}
