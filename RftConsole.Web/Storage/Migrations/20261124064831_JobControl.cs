using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace RftConsole.Web.Storage.Migrations
{
    /// <inheritdoc />
    public partial class JobControl : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "InitialModelId",
                table: "Jobs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "PauseRequested",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "InitialModelId",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "PauseRequested",
                table: "Jobs");
        }
    }
}
